import type { AnyStateMachine } from 'xstate';
import { guardNames } from '../machines/diagram.ts';

/** The machine's configuration as JSON that `createMachine` takes and Stately's tools draw: with names in place of functions. */
export function definitionOf({ config }: AnyStateMachine): string {
  return JSON.stringify(config, (key, value: unknown) => {
    if (key === 'guard') return guardNames(value).join(' && ') || undefined;
    // A context that is made of the input can't be told; every snapshot has its own.
    return typeof value === 'function' ? undefined : value;
  });
}
