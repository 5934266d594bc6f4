/** Reads what a Prometheus server would: the text format, version 0.0.4. Throws for what is not quite it. */

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

export interface Metrics {
  readonly text: string;
  readonly families: ReadonlyMap<string, Family>;
  /** The sample with exactly these labels; undefined when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** The samples of a family with one label each, by its value. */
  by(name: string): Readonly<Record<string, number>>;
}

const word = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const comment = new RegExp(`^# (HELP|TYPE) (${word}) (.+)$`);
const sample = new RegExp(`^(${word})(?:\\{(.*)\\})? (\\S+)$`);
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/gy;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

export function parseMetrics(text: string): Metrics {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { name: string; help: string; type: string; samples: Sample[] }>();
  let current: { name: string; help: string; type: string; samples: Sample[] } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, family, said] = comment.exec(line) ?? [];
    if (kind === 'HELP' && family !== undefined) {
      if (families.has(family)) throw new Error(`${family} comes twice`);
      families.set(family, (current = { name: family, help: said ?? '', type: '', samples: [] }));
    } else if (kind === 'TYPE') {
      if (current?.name !== family || current?.type !== '' || !Object.hasOwn(suffixes, said ?? ''))
        throw new Error(`out of place: ${line}`);
      current.type = said ?? '';
    } else {
      const found = readSample(line);
      if (current === undefined || !suffixes[current.type]?.some((suffix) => found.name === `${current?.name}${suffix}`))
        throw new Error(`not of ${current?.name}: ${line}`);
      if (current.samples.some((other) => keyOf(other) === keyOf(found))) throw new Error(`twice: ${line}`);
      current.samples.push(found);
    }
  }
  for (const family of families.values()) {
    if (family.type === '') throw new Error(`${family.name} has no type`);
    if (family.type === 'histogram') checkHistogram(family);
    if (family.type === 'counter' && family.samples.some(({ value }) => !(value >= 0))) throw new Error(`${family.name} is below 0`);
  }
  const all = new Map([...families.values()].flatMap(({ samples }) => samples.map((found) => [keyOf(found), found.value] as const)));
  return {
    text,
    families,
    value: (name, labels = {}) => all.get(keyOf({ name, labels })),
    by: (name) => Object.fromEntries((families.get(name)?.samples ?? []).map(({ labels, value }) => [Object.values(labels).join(), value])),
  };
}

const sorted = (labels: Sample['labels']) => Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
const keyOf = ({ name, labels }: Pick<Sample, 'name' | 'labels'>): string => JSON.stringify([name, sorted(labels)]);

function readSample(line: string): Sample {
  const [, name, inner = '', number = ''] = sample.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const found = [...inner.matchAll(label)];
  if (found.map(([whole]) => whole).join('') !== inner || inner.endsWith(',')) throw new Error(`no labels: ${line}`);
  const labels = Object.fromEntries(found.map(([, key, value]) => [key, JSON.parse(`"${value}"`) as string]));
  if (Object.keys(labels).length < found.length) throw new Error(`a label comes twice: ${line}`);
  const value = /^nan$/i.test(number) ? Number.NaN : Number(number.replace('Inf', 'Infinity'));
  if (Number.isNaN(value) && !/^nan$/i.test(number)) throw new Error(`no number: ${line}`);
  return { name, labels, value };
}

/** Buckets rise with their bounds up to the count. */
function checkHistogram({ name, samples }: Family): void {
  const groups = new Map<string, Sample[]>();
  for (const found of samples) {
    const { le: _, ...rest } = found.labels;
    const key = JSON.stringify(sorted(rest));
    groups.set(key, [...(groups.get(key) ?? []), found]);
  }
  for (const [key, group] of groups) {
    const buckets = group.filter((found) => found.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('+Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const count = group.find((found) => found.name === `${name}_count`)?.value;
    const rises = (numbers: readonly number[], strictly: boolean) =>
      numbers.every((value, index) => index === 0 || (strictly ? value > (numbers[index - 1] ?? 0) : value >= (numbers[index - 1] ?? 0)));
    const fits = rises(bounds, true) && bounds.at(-1) === Infinity && rises(counts, false) && counts.at(-1) === count;
    if (!fits || !group.some((found) => found.name === `${name}_sum`)) throw new Error(`${name} ${key} is no histogram`);
  }
}
