import type { AnyStateMachine } from 'xstate';

/** A guard as a name: a conjunction is a function that knows the names which it is made of. */
function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) return guard.guards.map(guardName).join(' && ');
  if (typeof guard === 'object' && guard !== null && 'type' in guard && typeof guard.type === 'string') return guard.type;
  return typeof guard === 'function' ? guard.name : '';
}

/** The machine's configuration as JSON that `createMachine` takes and Stately's tools draw: with names in place of functions. */
export function definitionOf({ config }: AnyStateMachine): string {
  return JSON.stringify(config, (key, value: unknown) => {
    if (key === 'guard') return guardName(value) || undefined;
    // A context that is made of the input can't be told; every snapshot has its own.
    return typeof value === 'function' ? undefined : value;
  });
}
