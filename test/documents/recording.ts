import { execFile } from 'node:child_process';

/** The console blocks of a document: what was typed behind `$`, and what was printed. */

const block = /(?<=^```console\n)[\s\S]*?(?=^```$)/gm;
const id = /\b[tsal]_[0-9a-hjkmnp-tv-z]{6,26}/g;
const turn = /^\$ /m;

export interface Turn {
  readonly typed: string;
  readonly printed: string;
}

const textOf = (turns: readonly Turn[]): string => turns.map(({ typed, printed }) => `$ ${typed}\n${printed}`).join('');

export const turnsOf = (document: string): Turn[] =>
  [...document.matchAll(block)].flatMap(([text]) =>
    text
      .split(turn)
      .slice(1)
      .map((one) => ({ typed: one.slice(0, one.indexOf('\n')), printed: one.slice(one.indexOf('\n') + 1) })),
  );

/** The document with these turns in place of its own. */
export function withTurns(document: string, turns: readonly Turn[]): string {
  const left = [...turns];
  return document.replaceAll(block, (text) => textOf(left.splice(0, text.split(turn).length - 1)));
}

/** What differs from run to run written alike: ids by the order in which they come, moments, and who it was. */
export function alike(turns: readonly Turn[]): string {
  const known: string[] = [];
  const nameOf = (text: string): string => {
    const at = known.findIndex((one) => one.startsWith(text) || text.startsWith(one));
    if (at < 0) return `${text[0]}#${known.push(text)}`;
    if (known[at]!.length < text.length) known[at] = text;
    return `${text[0]}#${at + 1}`;
  };
  return textOf(turns)
    .replaceAll(id, nameOf)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
    .replaceAll(/\bcli-\w+/g, 'cli-USER');
}

/** Types the same again, with the ids of now in place of those of then; each line sees what the one before left, its exit code too. */
export async function typeAgain(
  turns: readonly Turn[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Turn[]> {
  const again: Turn[] = [];
  const now = new Map<string, string>();
  let code = 0;
  for (const then of turns) {
    const typed = then.typed.replaceAll(id, (text) => {
      const [, found] = [...now].find(([known]) => known.startsWith(text)) ?? [];
      return found?.slice(0, text.length) ?? text;
    });
    const script = `exec 2>&1; (exit ${code}); ${typed}`;
    const printed = await new Promise<string>((resolve) => {
      const child = execFile('sh', ['-c', script], { ...options, timeout: 20_000 }, (_error, out) => {
        code = child.exitCode ?? 1;
        resolve(out);
      });
    });
    const ids = printed.match(id) ?? [];
    for (const [index, known] of (then.printed.match(id) ?? []).entries()) if (!now.has(known)) now.set(known, ids[index] ?? known);
    again.push({ typed, printed });
  }
  return again;
}
