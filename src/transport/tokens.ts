import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { formatTime } from '../clock.ts';
import { TroupeError } from '../errors.ts';
import { issuesOf } from '../protocol/messages.ts';
import { scopes } from '../protocol/methods.ts';
import { project } from '../protocol/values.ts';
import { replaceFile, withFile } from './private-file.ts';
import type { Scope } from '../protocol/methods.ts';

/** What a token opens. */
export interface Grant {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null for all projects. */
  readonly projects: readonly string[] | null;
}

const row = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, '1 to 64 letters, digits and . _ - only'),
  /** SHA-256 of the token in hexadecimal. The token has 256 random bits, so a slow hash would add nothing. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(scopes)).min(1),
  projects: z.array(project).min(1).nullable(),
  createdAt: z.string(),
});
type Row = z.output<typeof row>;

const file = z.strictObject({ format: z.literal(1), tokens: z.array(row) });

/** A token without its secret. */
export type TokenInfo = Omit<Row, 'hash'>;

export interface Tokens {
  /** Null for a token that is unknown or revoked. Looks at the file, so that a change takes effect with the next connection. */
  verify(token: string): Grant | null;
  /** Whether what was verified once still holds; as fresh as the last `verify` or `refresh`. */
  holds(grant: Grant): boolean;
  /** Reads the file again if it changed. */
  refresh(): void;
  /** Calls whenever the file was read again; answers the function that ends it. */
  onChange(listener: () => void): () => void;
}

/**
 * Opens `tokens.json` of a data directory. When there is none the first token is made: name "default", all scopes, all projects,
 * written to the file `token`. A file that can't be read later leaves the last good state in force.
 */
export function openTokens(directory: string, options: { readonly now: () => number; readonly onFault: (fault: Error) => void }): Tokens {
  ensureFirst(directory, options.now());
  return new TokenTable(join(directory, 'tokens.json'), options.onFault);
}

/** The tokens as a start would read them, with nothing made. Throws when the file can't be used. */
export function readTokens(directory: string): { readonly count: number; readonly verify: (token: string) => Grant | null } {
  const entries = readRows(join(directory, 'tokens.json')).map(entryOf);
  return { count: entries.length, verify: (token) => grantOf(entries, token) };
}

function grantOf(entries: readonly Entry[], token: string): Grant | null {
  const digest = createHash('sha256').update(token).digest();
  let found: Grant | null = null;
  // All rows are compared, each in constant time: the time tells neither whether nor where a row matched.
  for (const entry of entries) if (timingSafeEqual(digest, entry.digest)) found = entry.grant;
  return found;
}

/** A row in force. The grant is what leaves this file: it holds no hash, and stays the same object while its row does. */
interface Entry {
  readonly row: string;
  readonly digest: Buffer;
  readonly grant: Grant;
}

class TokenTable implements Tokens {
  readonly #path: string;
  readonly #onFault: (fault: Error) => void;
  #stamp: string;
  #entries: readonly Entry[];
  readonly #listeners = new Set<() => void>();

  constructor(path: string, onFault: (fault: Error) => void) {
    this.#path = path;
    this.#onFault = onFault;
    this.#stamp = stampOf(path);
    this.#entries = readRows(path).map(entryOf);
  }

  verify(token: string): Grant | null {
    this.refresh();
    return grantOf(this.#entries, token);
  }

  holds(grant: Grant): boolean {
    return this.#entries.some((entry) => entry.grant === grant);
  }

  refresh(): void {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      const before = new Map(this.#entries.map((entry) => [entry.row, entry]));
      this.#entries = readRows(this.#path).map((now) => before.get(JSON.stringify(now)) ?? entryOf(now));
    } catch (error) {
      this.#onFault(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function entryOf(known: Row): Entry {
  const { name, scopes: granted, projects } = known;
  return { row: JSON.stringify(known), digest: Buffer.from(known.hash, 'hex'), grant: { name, scopes: granted, projects } };
}

/** Makes a token; the answer is the only place where it can ever be read. INVALID_PARAMS for a name that is taken. */
export function addToken(directory: string, input: Grant & { readonly now: number }): string {
  ensureFirst(directory, input.now);
  const token = createSecret();
  addRow(directory, token, input);
  return token;
}

function addRow(directory: string, token: string, input: Grant & { readonly now: number }): void {
  const added = row.safeParse({
    name: input.name,
    hash: createHash('sha256').update(token).digest('hex'),
    scopes: input.scopes,
    projects: input.projects,
    createdAt: formatTime(input.now),
  });
  if (!added.success) throw new TroupeError('INVALID_PARAMS', faultsOf(added.error));
  withFile(join(directory, 'tokens.json'), () => {
    const rows = readRows(join(directory, 'tokens.json'));
    if (rows.some(({ name }) => name === input.name)) {
      throw new TroupeError('INVALID_PARAMS', `there is a token named ${input.name}`, {
        fix: 'choose another name, or revoke that one first',
      });
    }
    return textOf([...rows, added.data]);
  });
}

/** Takes a token's rights away; false when no token has the name. A running service closes its connections within a heartbeat. */
export function revokeToken(directory: string, name: string): boolean {
  let found = false;
  withFile(join(directory, 'tokens.json'), () => {
    const rows = readRows(join(directory, 'tokens.json'));
    const kept = rows.filter((candidate) => candidate.name !== name);
    found = kept.length < rows.length;
    return textOf(kept);
  });
  return found;
}

export function listTokens(directory: string): TokenInfo[] {
  return readRows(join(directory, 'tokens.json')).map(({ name, scopes: granted, projects, createdAt }) => ({
    name,
    scopes: granted,
    projects,
    createdAt,
  }));
}

/** The secret first: a crash between the two files must not leave a token that nobody knows. */
function ensureFirst(directory: string, now: number): void {
  if (existsSync(join(directory, 'tokens.json'))) return;
  const token = createSecret();
  replaceFile(join(directory, 'token'), `${token}\n`);
  addRow(directory, token, { name: 'default', scopes, projects: null, now });
}

function createSecret(): string {
  return `troupe_${randomBytes(32).toString('base64url')}`;
}

function readRows(path: string): readonly Row[] {
  if (!existsSync(path)) return [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const [place = ''] = / \(line \d+ column \d+\)/.exec(String(error)) ?? [];
    throw new Error(`${path} is no JSON${place}: restore it, or remove it to get a new first token`, { cause: error });
  }
  const parsed = file.safeParse(content);
  if (!parsed.success) throw new Error(`${path} is not a list of tokens: ${faultsOf(parsed.error)}`);
  return parsed.data.tokens;
}

function faultsOf(error: z.ZodError): string {
  return issuesOf(error)
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ');
}

function textOf(rows: readonly Row[]): string {
  return `${JSON.stringify({ format: 1, tokens: rows }, null, 2)}\n`;
}

/** Tells one version of a file from another: every change is a new file under the old name. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino}:${stat.mtimeMs}:${stat.size}`;
}
