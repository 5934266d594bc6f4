/** A data directory that can't be read whole. Nothing in it was changed. */
export class CorruptStoreError extends Error {
  override readonly name = 'CorruptStoreError';
  readonly file: string;
  /** Offset in the file of what can't be read. */
  readonly byte: number;

  constructor(file: string, byte: number, problem: string) {
    super(`${file}, byte ${byte}: ${problem}. Nothing was changed; repair the data directory with: troupe doctor`);
    this.file = file;
    this.byte = byte;
  }
}
