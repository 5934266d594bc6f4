import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TroupeError } from '../errors.ts';

/** Text of a file, or of standard input for `-`. Refuses what is no text and what is larger than it may be. */
export async function readInput(path: string, maxBytes: number): Promise<string> {
  const bytes = path === '-' ? await readStandardInput(maxBytes) : readBounded(path, maxBytes);
  const name = nameOf(path);
  if (bytes.length > maxBytes) throw refusal(`${name} is larger than ${maxBytes} bytes`, 'give less, or in parts');
  const text = textOf(bytes);
  if (text === null) throw refusal(`${name} is no text`, 'give a file in UTF-8');
  return text;
}

/** What may be stored as work. Null for what is no text. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

export const nameOf = (path: string): string => (path === '-' ? 'standard input' : path);

const refusal = (message: string, fix: string): TroupeError => new TroupeError('INVALID_PARAMS', message, { fix });

/** One byte more than it may have, so that it can be told. */
function readBounded(path: string, maxBytes: number): Buffer {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    if (fstatSync(file).isDirectory()) throw refusal(`${path} is a directory`, 'give a file');
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } catch (error) {
    if (error instanceof TroupeError) throw error;
    throw refusal(`${path} can't be read`, error instanceof Error ? error.message : 'give another file');
  } finally {
    if (file !== null) closeSync(file);
  }
}

async function readStandardInput(maxBytes: number): Promise<Buffer> {
  if (process.stdin.isTTY) process.stderr.write('Reading standard input; end it with Ctrl+D.\n');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks);
}
