/** Which rows of a long list are in the document: those that are seen, some around them, and the one with the focus. */

export interface View {
  /** How far the first row is above the upper edge of what is seen. */
  readonly above: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly count: number;
}

/** Rows beyond either edge, so that a fast wheel finds them there. */
const around = 8;

/** Places of the rows, ascending. `focus` is the place of the row with the focus, which would lose it when it is taken away; -1 for none. */
export function placesIn({ above, height, rowHeight, count }: View, focus = -1): number[] {
  const first = Math.max(0, Math.min(count, Math.floor(above / rowHeight)) - around);
  const end = Math.min(count, Math.max(0, Math.ceil((above + height) / rowHeight)) + around);
  const places: number[] = [];
  if (focus >= 0 && focus < Math.min(first, count)) places.push(focus);
  for (let place = first; place < end; place += 1) places.push(place);
  if (focus >= end && focus < count) places.push(focus);
  return places;
}

/** How far to scroll so that a row is seen whole, clear of a head of `head` pixels; 0 when it is. */
export function scrollTo(place: number, { above, height, rowHeight }: View, head: number): number {
  const top = place * rowHeight - above;
  if (top < head) return top - head;
  return Math.max(0, top + rowHeight - height);
}
