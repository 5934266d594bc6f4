import { crc32 } from 'node:zlib';
import { CorruptStoreError } from './corrupt.ts';

/** A line of a journal is eight hexadecimal digits, a blank, JSON and a newline. The digits are the CRC-32 of all JSON since the line that the chain begins with. */

const digits = 8;
const prefix = digits + 1;
const blank = 0x20;
const newline = 0x0a;
const hexadecimal = /^[0-9a-f]{8}$/;

export const toHex = (check: number): string => check.toString(16).padStart(digits, '0');

/** Text with its size as UTF-8. */
export interface Part {
  readonly text: string;
  readonly bytes: number;
}

/** Builds lines in one buffer that grows with the largest ordinary batch and is used again for every line. */
export class LineWriter {
  #buffer = Buffer.allocUnsafe(256 * 1024);
  readonly #keepBytes: number;

  /** @param keepBytes lines beyond this size get a buffer of their own */
  constructor(keepBytes: number) {
    this.#keepBytes = keepBytes;
  }

  /** The parts as one JSON array. The line is valid until the next one is built. */
  write(parts: readonly Part[], previous: number): { readonly line: Buffer; readonly check: number } {
    let size = prefix + 3;
    for (const { bytes } of parts) size += bytes + 1;
    const buffer = this.#bufferOf(size);
    let at = prefix;
    for (let index = 0; index < parts.length; index++) {
      buffer[at++] = index === 0 ? 0x5b : 0x2c;
      at += buffer.write(parts[index]?.text ?? '', at);
    }
    buffer[at++] = 0x5d;
    const check = crc32(buffer.subarray(prefix, at), previous);
    buffer.write(toHex(check), 0, 'latin1');
    buffer[digits] = blank;
    buffer[at++] = newline;
    return { line: buffer.subarray(0, at), check };
  }

  #bufferOf(size: number): Buffer {
    if (size <= this.#buffer.length) return this.#buffer;
    const buffer = Buffer.allocUnsafe(Math.max(size, Math.min(size * 2, this.#keepBytes)));
    if (buffer.length <= this.#keepBytes) this.#buffer = buffer;
    return buffer;
  }
}

/** A single line, for what is written once. */
export function encodeLine(value: unknown, previous: number): { readonly line: Buffer; readonly check: number } {
  const json = Buffer.from(JSON.stringify(value));
  const check = crc32(json, previous);
  return { line: Buffer.concat([Buffer.from(`${toHex(check)} `), json, Buffer.of(newline)]), check };
}

/** The line's own checksum when it is whole and continues the chain, else null. */
export function verifyLine(bytes: Buffer, previous: number): number | null {
  const stated = bytes.toString('latin1', 0, digits);
  if (bytes.length <= prefix || bytes[digits] !== blank || !hexadecimal.test(stated)) return null;
  const check = crc32(bytes.subarray(prefix), previous);
  return toHex(check) === stated ? check : null;
}

/** Only the newline behind a whole line is damaged when another line follows on it: that is no torn write. */
export function hidesWholeLine(bytes: Buffer, previous: number): boolean {
  const text = bytes.toString('latin1');
  for (const { index } of text.matchAll(/\](?=.[0-9a-f]{8} [[{])/gs)) {
    if (verifyLine(bytes.subarray(0, index + 1), previous) !== null) return true;
  }
  return false;
}

/** What a bad line at the end of the newest journal is, in words. One that has its newline may have been whole, and damaged later. */
export const tornText = (bytes: Buffer): string =>
  bytes.at(-1) === newline
    ? 'a torn line that has its newline: if the disk damaged it later, it was acknowledged'
    : 'a torn line, as a write leaves it that was not acknowledged';

export function parseLine(bytes: Buffer, file: string, offset: number): unknown {
  return parseJson(bytes.toString('utf8', prefix), file, offset + prefix);
}

/** Never a bare SyntaxError: that says neither which file nor what to do. */
export function parseJson(text: string, file: string, offset: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CorruptStoreError(file, offset, 'not JSON');
  }
}
