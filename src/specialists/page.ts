/** Lays out sections on a page of bounded size. Sizes are bytes of UTF-8. */

export interface Item {
  /** Our own words, never cut. */
  readonly head: string;
  /** Quoted data, empty for none; cut when the page is full. */
  readonly body: string;
  /** Never cut and never left out; outside the page's bound. */
  readonly whole?: boolean;
  /** The call that reads the whole of it. */
  readonly source: string;
}

export interface Section {
  readonly heading: string;
  readonly lead?: string;
  /** The most important first: when the page is full, the last ones are left out. */
  readonly items: readonly Item[];
  /** How many items there are, when not all of them are given. */
  readonly total?: number;
  /** The call that reads what is left out. */
  readonly source: string;
}

export interface PageBounds {
  /** The size to keep to, as far as what is whole allows. */
  readonly aimBytes: number;
  /** What the sections may use in any case, beside what is whole. */
  readonly sectionBytes: number;
}

/** What an item keeps of its body, at least, if it is shown at all. */
const leastBody = 240;
/** Room for the sentence that says what was cut or left out. */
const noticeBytes = 128;

const encoder = new TextEncoder();

function size(text: string): number {
  return encoder.encode(text).length;
}

/** The longest beginning of the text that fits; a character is never cut. */
function beginning(text: string, bytes: number): string {
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(Math.max(0, bytes))).read);
}

/** Shares `total` out: who wants less than an even share gets it all, and what that leaves goes to the others. */
function allot(wants: readonly number[], total: number): number[] {
  const shares = wants.map(() => 0);
  const order = wants.map((want, index) => ({ want, index })).toSorted((a, b) => a.want - b.want);
  let left = Math.max(0, total);
  for (const [place, { want, index }] of order.entries()) {
    const share = Math.min(want, Math.floor(left / (order.length - place)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

const written = ({ head, body }: Item): string => (body === '' ? head : `${head}\n${body}`);
const opening = ({ heading, lead }: Section): string => (lead === undefined ? `## ${heading}` : `## ${heading}\n\n${lead}`);
const leftOut = ({ items, total, source }: Section, shown: number): string => {
  const all = total ?? items.length;
  return shown === all ? '' : `(${all - shown} of ${all} left out here; all with ${source}.)`;
};
const assembled = (section: Section, items: readonly string[]): string =>
  [opening(section), ...items, leftOut(section, items.length)].filter((part) => part !== '').join('\n\n');

/** An item with what it takes: all of it, or at the least. Both include the empty line before it. */
interface Measured {
  readonly item: Item;
  readonly text: string;
  readonly bytes: number;
  readonly leastBytes: number;
}

function measure(item: Item): Measured {
  const text = written(item);
  const bytes = size(text) + 2;
  return { item, text, bytes, leastBytes: item.whole === true ? bytes : Math.min(bytes, size(item.head) + leastBody + noticeBytes) };
}

function cut({ item, text, bytes }: Measured, share: number): string {
  if (bytes <= share) return text;
  const kept = beginning(text, share - noticeBytes).trimEnd();
  return `${kept}\n\n(Cut after ${size(kept)} of ${bytes} bytes; whole with ${item.source}.)`;
}

/** The section within `bytes`, beside its whole items. */
function fitted(section: Section, items: readonly Measured[], bytes: number): string {
  let left = bytes - size(opening(section)) - noticeBytes;
  const shown: Measured[] = [];
  let full = false;
  for (const measured of items) {
    if (measured.item.whole !== true) {
      full ||= measured.leastBytes > left;
      if (full) continue;
      left -= measured.leastBytes;
    }
    shown.push(measured);
  }
  const more = allot(
    shown.map((measured) => measured.bytes - measured.leastBytes),
    left,
  );
  return assembled(
    section,
    shown.map((measured, index) => cut(measured, measured.leastBytes + (more[index] ?? 0))),
  );
}

/**
 * `parts` and the whole items come as they are; the sections share what those leave of `aimBytes`, but never less than
 * `sectionBytes`, evenly where it is short. What is cut or left out is said in its place, with the call that reads it.
 */
export function layOut(parts: readonly string[], sections: readonly Section[], bounds: PageBounds): string {
  const texts = sections.map((section) => assembled(section, section.items.map(written)));
  const page = [...parts, ...texts].join('\n\n');
  // Most pages are far from full: a UTF-16 unit is at most three bytes, so nothing needs measuring.
  if (page.length * 3 <= bounds.aimBytes) return page;

  const measured = sections.map((section) => section.items.map(measure));
  const wholes = measured.map((items) => sum(items.filter(({ item }) => item.whole === true)));
  const wants = texts.map((text, index) => size(text) + 2 - (wholes[index] ?? 0));
  const taken = size(parts.join('\n\n')) + wholes.reduce((total, bytes) => total + bytes, 0);
  const shares = allot(wants, Math.max(bounds.sectionBytes, bounds.aimBytes - taken));
  const laid = sections.map((section, index) => {
    const share = shares[index] ?? 0;
    return share >= (wants[index] ?? 0) ? (texts[index] ?? '') : fitted(section, measured[index] ?? [], share - 2);
  });
  return [...parts, ...laid].join('\n\n');
}

function sum(items: readonly Measured[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}
