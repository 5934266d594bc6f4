import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { TroupeError } from '../errors.ts';
import type { SourceFile } from '../exchange/source.ts';

/** What is imported, as texts. */
export interface SourceTexts {
  readonly files: readonly SourceFile[];
  readonly folder: string | undefined;
}

const mostBytes = 64 * 1024 * 1024;
const mostFiles = 10_000;

const refuse = (name: string, why: string, fix: string): never => {
  throw new TroupeError('INVALID_PARAMS', `${name} ${why}`, { fix });
};

async function textOf(stream: Readable, name: string, room: { bytes: number }): Promise<SourceFile> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    room.bytes -= chunk.length;
    if (room.bytes < 0) refuse(name, `is larger than ${mostBytes / 1024 / 1024} MiB`, 'divide it');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.includes(0)) refuse(name, 'is no text: it has NUL bytes', 'give a file in one of the formats of troupe import --help');
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return refuse(name, 'is no text in UTF-8', 'convert it to UTF-8');
  }
}

/** The texts of a file, of a folder of task files, or of standard input. */
export async function readSource(path: string, stdin: Readable = process.stdin): Promise<SourceTexts> {
  const room = { bytes: mostBytes };
  if (path === '-') return { files: [await textOf(stdin, 'standard input', room)], folder: undefined };
  const found = await stat(path).catch((error: unknown) =>
    refuse(
      path,
      `can't be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`,
      'name a file that is there',
    ),
  );
  if (found.isDirectory()) {
    const names = (await readdir(path)).filter((name) => /^[^.].*\.json$/.test(name)).sort();
    if (names.length === 0) refuse(path, 'is a folder without task files', 'name the file itself; folders are for ~/.claude/tasks/<list>');
    if (names.length > mostFiles) refuse(path, `has ${names.length} files, more than ${mostFiles}`, 'name a smaller folder');
    const files: SourceFile[] = [];
    for (const name of names) {
      const file = join(path, name);
      // A pipe may never come to an end.
      if (!(await stat(file)).isFile()) refuse(file, 'is no file', 'take it out of the folder');
      files.push(await textOf(createReadStream(file), name, room));
    }
    return { files, folder: basename(resolve(path)) };
  }
  if (!found.isFile() && !found.isFIFO()) refuse(path, 'is no file', 'name a file, or - for standard input');
  if (found.size > mostBytes) refuse(path, `is larger than ${mostBytes / 1024 / 1024} MiB`, 'divide it');
  return { files: [await textOf(createReadStream(path), basename(path), room)], folder: basename(dirname(resolve(path))) };
}
