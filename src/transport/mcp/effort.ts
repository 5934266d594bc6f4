const unitMinutes = new Map([
  ['m', 1],
  ['h', 60],
  ['d', 480],
  ['w', 2_400],
]);

const pattern = /^\s*(\d+(?:\.\d+)?)\s*(m|h|d|w)(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?\s*$/i;

/** Minutes of an estimate such as `90m`, `2 hours` or `1.5d` (a day has eight hours, a week five days); null for other words. */
export function minutesOf(effort: string | null | undefined): number | null {
  const [, amount, unit] = pattern.exec(effort ?? '') ?? [];
  const each = unitMinutes.get(unit?.toLowerCase() ?? '');
  return each === undefined ? null : Number(amount) * each;
}
