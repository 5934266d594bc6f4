import { expect, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';

/** Commands in this process, for tests that call many. */

/** Control characters but the line end, and those that turn the direction of reading. */
export const steers = (text: string): boolean => /[\p{Cc}\u202A-\u202E]/u.test(text.replaceAll('\n', ''));

/** What a command says, and what it ends with. */
export async function told(args: readonly string[]) {
  let [out, err] = ['', ''];
  const written = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true)),
  ];
  try {
    await run(['node', 'troupe', ...args]);
    return { args, code: process.exitCode ?? 0, out, err };
  } finally {
    process.exitCode = undefined;
    for (const spy of written) spy.mockRestore();
  }
}

type Told = Awaited<ReturnType<typeof told>>;

/** Without a stack trace, and with nothing that steers the terminal. */
export function expectOneLine({ args, out, err }: Told): void {
  expect([args, out, err]).toEqual([args, '', expect.stringMatching(/^troupe: [^\n]+\n$/)]);
  expect([args, err, /\s+at \S+:\d+|node:internal/.test(err) || steers(err)]).toEqual([args, err, false]);
}
