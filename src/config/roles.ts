import { hash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { specialistKey } from '../protocol/values.ts';
import { builtinRoles } from '../specialists/builtin.ts';
import { generic } from '../specialists/builtin/generic.ts';
import { createCatalogue, role } from '../specialists/role.ts';
import type { Role, RoleCatalogue } from '../specialists/role.ts';
import { faultOf, parseRoleFile, RoleFileError } from './role-file.ts';
import type { RoleFile } from './role-file.ts';

const folder = 'roles';
const extension = /\.ya?ml$/;
export const roleLimits = {
  fileBytes: 256 * 1024,
  /** The list of all roles is one answer. */
  files: 100,
} as const;

/**
 * The built-in roles with those of `<directory>/roles/*.yaml` and `*.yml` over them. A file gives the members that it changes;
 * of a new key it gives `definition` at least, and the generic role gives the rest. Rejects with RoleFileError on the first
 * file that cannot be used: a project that starts with half its roles would give out the wrong instructions.
 */
export async function loadRoles(directory: string): Promise<RoleCatalogue> {
  const fileOf = new Map<string, string>();
  const project: Role[] = [];
  for (const name of await roleFiles(directory)) {
    const file = `${folder}/${name}`;
    const read = parseRoleFile(file, await readText(join(directory, folder, name), file));
    const given = completed(read, name.replace(extension, ''));
    const other = fileOf.get(given.key);
    if (other !== undefined) {
      throw new RoleFileError(file, `${other} has the key ${given.key} too`, { path: 'key', line: read.lineOf(['key']) });
    }
    fileOf.set(given.key, file);
    project.push(given);
  }
  return createCatalogue(builtinRoles, (text) => hash('sha256', text), project);
}

async function roleFiles(directory: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(join(directory, folder));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new RoleFileError(folder, `the folder cannot be read: ${codeOf(error)}`);
  }
  // Names with a leading dot are what editors leave behind.
  const files = names.filter((name) => extension.test(name) && !name.startsWith('.')).toSorted();
  if (files.length > roleLimits.files) throw new RoleFileError(folder, `${files.length} files, at most ${roleLimits.files} are read`);
  return files;
}

async function readText(path: string, file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    const found = await stat(path);
    // Reading a pipe would wait for ever.
    if (!found.isFile()) throw new RoleFileError(file, 'is not a file');
    if (found.size > roleLimits.fileBytes) throw new RoleFileError(file, `${found.size} bytes, at most ${roleLimits.fileBytes} are read`);
    bytes = await readFile(path);
  } catch (error) {
    throw error instanceof RoleFileError ? error : new RoleFileError(file, `cannot be read: ${codeOf(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RoleFileError(file, 'is not UTF-8');
  }
}

/** The whole role: the file's members over those of the built-in role, or of the generic one. */
function completed({ file, changes, lineOf }: RoleFile, fileName: string): Role {
  const key = changes.key ?? fileName;
  if (!specialistKey.safeParse(key).success) throw new RoleFileError(file, "give a key: the file's name is none", { path: 'key' });
  const base = builtinRoles.find((one) => one.key === key);
  if (base === undefined && changes.definition === undefined) {
    throw new RoleFileError(file, `missing; the new role ${key} needs one`, { path: 'definition' });
  }
  const merged = role.safeParse({ ...generic, name: nameFrom(key), ...base, ...changes, key });
  if (!merged.success) throw faultOf(file, merged.error.issues, lineOf);
  return merged.data;
}

/** `data-engineer` reads `Data engineer`. */
function nameFrom(key: string): string {
  return key.slice(0, 1).toUpperCase() + key.slice(1).replaceAll(/[-_]/g, ' ');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
