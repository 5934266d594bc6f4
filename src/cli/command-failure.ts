import type { Exit } from './exit-codes.ts';

/** A fault of this machine's files that has an exit code of its own. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exit: Exit;

  constructor(exit: Exit, message: string) {
    super(message);
    this.exit = exit;
  }
}
