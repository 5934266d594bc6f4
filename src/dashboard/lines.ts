/** A text on at most so many lines that are no wider than that; what does not fit ends in an ellipsis. */
export function onLines(text: string, width: number, most: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  let rest = text.replaceAll(/\s+/g, ' ').trim();
  while (rest !== '' && lines.length < most) {
    const isLast = lines.length === most - 1;
    if (measure(rest) <= width) {
      lines.push(rest);
      break;
    }
    const characters = Array.from(rest);
    let [fits, over] = [1, characters.length];
    while (over - fits > 1) {
      const middle = Math.floor((fits + over) / 2);
      if (measure(`${characters.slice(0, middle).join('')}${isLast ? '…' : ''}`) <= width) fits = middle;
      else over = middle;
    }
    const line = characters.slice(0, fits).join('');
    const space = rest[line.length] === ' ' ? line.length : line.lastIndexOf(' ');
    const end = isLast || space <= 0 ? line.length : space;
    lines.push(isLast ? `${line.trimEnd()}…` : rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return lines;
}
