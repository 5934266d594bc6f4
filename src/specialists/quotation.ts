/**
 * A context is read as instructions, often by a model, and most of it was written by others: titles, descriptions, reports,
 * answers. That text is data, and it enters a page in two forms only: as a block, each line of which begins with ">",
 * and inline, as one line in double quotes with the quotes in it escaped. So every line that begins otherwise is ours:
 * data cannot open a section, end its own quotation, or pose as an instruction or as somebody else's answer.
 * Data can still say misleading things; the page tells its reader what quoted text is and is not good for.
 */

const lineBreaks = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/gu;
/** Controls, marks that reorder what is shown, and invisible tag letters: with them a person and a model read different texts. */
const unseen = /(?!\t|\n)[\p{Cc}\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/** Several lines of data. At most twice the bytes of `text`, since an empty line is quoted by one byte and any other by two. */
export function quote(text: string): string {
  const lines = text.trimEnd().replaceAll(lineBreaks, '\n').replaceAll(unseen, '');
  return `> ${lines.replaceAll('\n', '\n> ')}`.replaceAll(/^> $/gm, '>');
}

/** Our own words, or a role's, which are instructions: still one line, so that a line break in them begins no section. */
export function asLine(text: string): string {
  return text.replaceAll(/[\s\u0085]+/gu, ' ').trim();
}

/** One line of data, cut after `maxLength` UTF-16 units. */
export function inline(text: string, maxLength = 160): string {
  const line = asLine(text).replaceAll(unseen, '');
  return JSON.stringify(line.length > maxLength ? `${beginning(line, maxLength - 1)}…` : line);
}

/** The first UTF-16 units of a text, one less where the cut would halve a character. */
function beginning(text: string, length: number): string {
  const cut = text.slice(0, length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
