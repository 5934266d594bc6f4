import { TroupeError } from '../../errors.ts';
import type { Issue } from '../../errors.ts';

/** Faults in the arguments of a tool, told in their names. What the service finds is told in those of the protocol, and translated. */
export class ArgumentError extends TroupeError {
  /** One fault, and how to go on when the catalogue does not say it well enough. */
  static at(argument: string, message: string, fix?: string): ArgumentError {
    return new ArgumentError([{ path: argument, message }], fix);
  }

  constructor(issues: readonly Issue[], fix?: string) {
    const [first] = issues;
    super('INVALID_PARAMS', first === undefined ? 'arguments' : `${first.path}: ${first.message}`, {
      issues,
      ...(fix !== undefined && { fix }),
    });
  }
}
