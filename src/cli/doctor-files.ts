import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoleFileError } from '../config/role-file.ts';
import { loadRoles } from '../config/roles.ts';
import { openTemplates } from '../config/templates.ts';
import type { Issue } from '../errors.ts';
import type { RoleCatalogue } from '../specialists/role.ts';
import { ownCategories } from '../templates/limits.ts';
import { readTokens } from '../transport/tokens.ts';
import { look, placesIn } from '../use-cases/template-list.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'fault';
  readonly detail: string;
}

/** What people write into a data directory, read by the code that a start reads it with. Nothing is changed. */
export async function checkFiles(directory: string): Promise<Check[]> {
  const roles = await rolesOf(directory);
  return [
    typeof roles === 'string'
      ? { name: 'roles', status: 'fault', detail: roles }
      : { name: 'roles', status: 'ok', detail: `${roles.list().filter(({ source }) => source === 'project').length} of the project` },
    ...(typeof roles === 'string' ? [unexamined] : await checkTemplates(directory, roles)),
    await checkTokens(directory),
  ];
}

const unexamined: Check = { name: 'templates', status: 'warning', detail: 'not examined: they name roles, which can not be read' };

async function rolesOf(directory: string): Promise<RoleCatalogue | string> {
  try {
    return await loadRoles(directory);
  } catch (error) {
    if (error instanceof RoleFileError) return error.message;
    throw error;
  }
}

async function checkTemplates(directory: string, roles: RoleCatalogue): Promise<Check[]> {
  const templates = openTemplates(directory);
  const faults: Check[] = [];
  let good = 0;
  for (const category of ownCategories) {
    for (const place of (await placesIn(templates, category)).places) {
      const looked = await look({ templates, roles }, place);
      if (looked === null) continue;
      if (looked.template !== null) good += 1;
      for (const issue of looked.issues.slice(0, toldOfEach))
        faults.push({ name: 'template', status: 'fault', detail: placed(issue, looked.stored.file) });
    }
  }
  return [{ name: 'templates', status: 'ok', detail: `${good} of the project` }, ...faults];
}

const toldOfEach = 5;

function placed({ path, message, file, line }: Issue, itself: string): string {
  const where = line === undefined ? '' : ` (line ${line})`;
  return `${file ?? itself}: ${path === '' ? '' : `${path}: `}${message}${where}`;
}

/** The commands of this machine use the token of the file `token`, so it must be one that opens the service. */
async function checkTokens(directory: string): Promise<Check> {
  const name = 'tokens';
  if (!existsSync(join(directory, 'tokens.json'))) return { name, status: 'ok', detail: 'none yet: the first start makes one' };
  const fault = (detail: string): Check => ({ name, status: 'fault', detail });
  try {
    const { count, verify } = readTokens(directory);
    const first = await readFile(join(directory, 'token'), 'utf8').catch(() => null);
    if (first === null) return fault(`token is missing, so no command can use the service here: write a token into it, ${another}`);
    if (verify(first.trim()) === null) return fault(`token holds none that tokens.json knows: write another one into it, ${another}`);
    return { name, status: 'ok', detail: `${count}, and that of the commands is one of them` };
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error));
  }
}

const another = 'for example what `troupe token add NAME --scope read --scope write --scope admin` prints';
