/** Lengths and times as a person reads them. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A length of time in its two largest units: `3 h 12 min`, `1.4 s`. */
export function lengthText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  if (whole < 10_000) return `${Math.floor(whole / 100) / 10} s`;
  const index = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[index] ?? units[3];
  const rest = units[index + 1];
  const head = `${Math.floor(whole / size)} ${name}`;
  const tail = rest === undefined ? 0 : Math.floor((whole % size) / rest[1]);
  return tail === 0 || rest === undefined ? head : `${head} ${tail} ${rest[0]}`;
}

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** The time of day; with the date unless it is today. */
export function timeText(at: number, now: number): string {
  if (!Number.isFinite(at)) return '?';
  const [day, today] = [dayFormat.format(at), dayFormat.format(now)];
  return day === today ? timeFormat.format(at) : `${day}, ${timeFormat.format(at)}`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB'] as const;

export function bytesText(bytes: number): string {
  const power = bytes < 1_024 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1_024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${byteUnits[power] ?? 'B'}`;
}
