import * as z from 'zod';
import { TroupeError } from '../errors.ts';
import { scopes } from '../protocol/methods.ts';
import { CommandFailure } from './command-failure.ts';
import { existingData } from './data-directory.ts';
import { exits } from './exit-codes.ts';
import { jsonOf } from './output.ts';
import { addToken, listTokens, revokeToken } from '../transport/tokens.ts';

export interface DataOptions {
  /** Found when it is left out. */
  readonly data?: string;
  readonly json?: true;
}

export interface AddOptions extends DataOptions {
  readonly scope: readonly string[];
  readonly project: readonly string[];
}

export function add(name: string, options: AddOptions): void {
  const granted = z.array(z.enum(scopes)).safeParse(options.scope);
  if (!granted.success)
    throw new TroupeError('INVALID_PARAMS', `a scope is ${scopes.join(', ')}`, { fix: 'give one of these with --scope' });
  const grant = {
    name,
    scopes: granted.data.length === 0 ? (['read', 'write'] as const) : granted.data,
    projects: options.project.length === 0 ? null : options.project,
  };
  const token = addToken(directoryOf(options), { ...grant, now: Date.now() });
  // Alone on the line, so that a script can take it as it is.
  print(options.json === true ? jsonOf({ ...grant, token }) : token);
}

export function list(options: DataOptions): void {
  const tokens = listTokens(directoryOf(options));
  if (options.json === true) return print(jsonOf({ tokens }));
  for (const { name, scopes: granted, projects, createdAt } of tokens) {
    print(`${name}  ${granted.join(',')}  ${projects?.join(',') ?? 'all projects'}  ${createdAt}`);
  }
}

export function revoke(name: string, options: DataOptions): void {
  if (!revokeToken(directoryOf(options), name))
    throw new CommandFailure(exits.notFound, `there is no token named ${name}: see troupe token list`);
  print(options.json === true ? jsonOf({ name, revoked: true }) : `revoked ${name}`);
}

const directoryOf = ({ data }: DataOptions): string => existingData(data).directory;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
