import { TroupeError } from '../../errors.ts';
import type { Issue } from '../../errors.ts';

/** Faults in the arguments of a tool, told in their names. What the service finds is told in those of the protocol, and translated. */
export class ArgumentError extends TroupeError {
  constructor(issues: readonly Issue[], fix?: string) {
    const [first] = issues;
    super('INVALID_PARAMS', first === undefined ? 'arguments' : `${first.path}: ${first.message}`, {
      issues,
      ...(fix !== undefined && { fix }),
    });
  }
}
