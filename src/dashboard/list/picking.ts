/** Which tasks are picked, to do something with all of them. Sets are replaced, never changed. */
export type Picked = ReadonlySet<string>;

export function withOne(picked: Picked, id: string, isPicked: boolean): Picked {
  const next = new Set(picked);
  if (isPicked) next.add(id);
  else next.delete(id);
  return next;
}

/** From one row to another, in the order that is shown; both ends get what the other end was given. */
export function withRange(picked: Picked, ids: readonly string[], from: number, to: number, isPicked: boolean): Picked {
  const next = new Set(picked);
  for (const id of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    if (isPicked) next.add(id);
    else next.delete(id);
  }
  return next;
}

/** All that is shown; what is picked but not shown stays picked. */
export const withAll = (picked: Picked, ids: readonly string[], isPicked: boolean): Picked =>
  withRange(picked, ids, 0, ids.length - 1, isPicked);
