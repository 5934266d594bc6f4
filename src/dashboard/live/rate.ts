/** How many events came in each of the last seconds. Times are the caller's, in milliseconds. */
export class Rate {
  /** Seconds that are remembered. */
  static readonly span = 60;
  readonly #counts: number[] = Array.from({ length: Rate.span }, () => 0);
  #second = 0;

  add(count: number, at: number): void {
    this.#advance(at);
    const slot = this.#second % Rate.span;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Of each second, oldest first; the last one has only begun. */
  series(at: number): number[] {
    this.#advance(at);
    const first = (this.#second + 1) % Rate.span;
    return [...this.#counts.slice(first), ...this.#counts.slice(0, first)];
  }

  /** Events per second over the last `seconds` whole ones. */
  perSecond(at: number, seconds = 5): number {
    const whole = this.series(at).slice(-seconds - 1, -1);
    return whole.reduce((sum, count) => sum + count, 0) / seconds;
  }

  #advance(at: number): void {
    const second = Math.floor(at / 1_000);
    const passed = Math.min(Rate.span, second - this.#second);
    for (let step = 1; step <= passed; step += 1) this.#counts[(second - passed + step) % Rate.span] = 0;
    if (second > this.#second) this.#second = second;
  }
}

/** The points of a line through the numbers, for an SVG of that size; the greatest touches the top. */
export function sparkline(numbers: readonly number[], width: number, height: number): string {
  const greatest = Math.max(1, ...numbers);
  const step = width / Math.max(1, numbers.length - 1);
  return numbers.map((number, index) => `${(index * step).toFixed(1)},${(height - (number / greatest) * height).toFixed(1)}`).join(' ');
}
