/** The end of one turn of the event loop, where everything of the turn goes out together. */
export interface Turn {
  /** Runs first: puts into outboxes what has come up in this turn. */
  fill(run: () => void): void;
  /** Runs last, once for each call. */
  send(run: () => void): void;
}

export function createTurn(): Turn {
  const fills: (() => void)[] = [];
  const sends: (() => void)[] = [];
  let scheduled = false;
  return {
    fill: (run) => add(fills, run),
    send: (run) => add(sends, run),
  };
  function add(list: (() => void)[], run: () => void): void {
    list.push(run);
    if (scheduled) return;
    scheduled = true;
    setImmediate(end);
  }
  function end(): void {
    for (const run of fills.splice(0)) run();
    for (const run of sends.splice(0)) run();
    scheduled = false;
    if (fills.length + sends.length > 0) setImmediate(end);
  }
}
