/** Time is a port: integer milliseconds since 1970 UTC inside, RFC 3339 with milliseconds on the wire. */
export interface Clock {
  now(): number;
}

/** Wall time read once, then monotonic time on top: a clock that is set back never moves ours back. */
export function createClock(): Clock {
  const start = Date.now() - performance.now();
  return { now: () => Math.floor(start + performance.now()) };
}

const rememberedTexts = 1_024;
const texts = new Map<number, string>();

/** RFC 3339 in UTC with milliseconds. The texts of late are remembered, since a busy service tells the same few milliseconds many times. */
export function formatTime(ms: number): string {
  let text = texts.get(ms);
  if (text !== undefined) return text;
  text = new Date(ms).toISOString();
  if (texts.size >= rememberedTexts) texts.clear();
  texts.set(ms, text);
  return text;
}

const fullTime = /^\d{4}-\d{2}-\d{2}[Tt ](?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const bareDate = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Milliseconds of an RFC 3339 time; a bare date means the end of that day in UTC. `null` when the text is no date that exists. */
export function parseTime(text: string): number | null {
  const day = bareDate.exec(text.slice(0, 10));
  if (day === null) return null;
  const [, year, month, date] = day;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(date));
  // The engine rolls 31 February over into March; a date that rolls is none.
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(date)) return null;
  if (text.length === 10) return midnight.getTime() + 86_400_000 - 1;
  if (!fullTime.test(text)) return null;
  const ms = Date.parse(text.replace(' ', 'T').toUpperCase());
  return Number.isNaN(ms) ? null : ms;
}
