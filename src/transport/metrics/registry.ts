import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Distribution } from '../../distribution.ts';
import { rows } from './table.ts';
import type { DistributionRow, Labels, Measured, NumberRow } from './table.ts';

const prefix = 'troupe_';

/** The metrics of one service and its process, in a registry of their own: two services of a process don't know of each other. */
export function createRegistry(measured: Measured): Registry {
  const registry = new Registry();
  for (const row of rows) {
    if (row.type === 'histogram') registry.registerMetric(new CountedHistogram(row, measured));
    else registerNumber(row, measured, registry);
  }
  collectDefaultMetrics({ register: registry });
  return registry;
}

function registerNumber({ type, name, help, labels, read }: NumberRow, measured: Measured, registry: Registry): void {
  const metric = new (type === 'counter' ? Counter : Gauge)({
    name: `${prefix}${name}`,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      metric.reset();
      for (const [values, value] of read(measured)) metric.inc(values, value);
    },
  });
}

/**
 * A histogram that is counted elsewhere. One of prom-client's own can only be given values one by one, and takes ten times as
 * long for each; what it is called, and its type, still comes from there.
 */
class CountedHistogram extends Gauge {
  readonly #shape: Histogram;
  readonly #row: DistributionRow;
  readonly #measured: Measured;

  constructor(row: DistributionRow, measured: Measured) {
    const named = { name: `${prefix}${row.name}`, help: row.help, registers: [] };
    super(named);
    this.#shape = new Histogram(named);
    this.#row = row;
    this.#measured = measured;
  }

  override async get() {
    const shape = await this.#shape.get();
    return { ...shape, values: this.#row.read(this.#measured).flatMap(([labels, counted]) => valuesOf(shape.name, labels, counted)) };
  }
}

function valuesOf(name: string, labels: Labels, { bounds, counts, sum }: Distribution) {
  let count = 0;
  const buckets = [...bounds, '+Inf'].map((le, index) => {
    count += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
}
