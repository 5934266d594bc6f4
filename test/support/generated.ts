import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'oxfmt';

/** A document that is made of the code, as it is now and as it is committed: for a test that they are the same. `UPDATE=1` writes it anew. */
export async function generated(file: string, made: string): Promise<{ readonly made: string; readonly committed: string }> {
  const { printWidth, singleQuote } = JSON.parse(await readFile('.oxfmtrc.json', 'utf8')) as { printWidth: number; singleQuote: boolean };
  const { code } = await format(file, made, { printWidth, singleQuote });
  if (process.env['UPDATE'] === '1') await writeFile(file, code);
  return { made: code, committed: await readFile(file, 'utf8') };
}

/** A Markdown table. What would end a cell is escaped. */
export const markdownTable = (heading: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heading, heading.map(() => '-'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');
