/** One way to break the code that some test must notice. */
export interface Mutant {
  readonly id: string;
  /** Of architecture, section 6. */
  readonly invariant: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;
  /** Below src/. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** Of these at least one test must fail. */
  readonly tests: readonly string[];
  /** What the broken code does, in one sentence. */
  readonly breaks: string;
  /** A test that waits in vain until its time is over is what one sees. */
  readonly hangs?: true;
}

/** The source with the mutant in it. Throws when its place is not there any more, or not the only one. */
export function mutate(source: string, { id, file, text, replacement }: Mutant): string {
  const places = source.split(text).length - 1;
  if (places !== 1) throw new Error(`${id}: its text stands ${places} times in src/${file}, and must stand there once`);
  return source.replace(text, () => replacement);
}
