import type { AnyStateMachine } from 'xstate';

/**
 * A machine as the code of a module that runs by itself: every guard and action by its name, without what they do.
 * It is made to be read, and to be pasted into Stately Studio.
 */

interface Names {
  readonly guards: Set<string>;
  readonly actions: Set<string>;
  readonly delays: Set<string>;
  readonly combiners: Set<string>;
}

const isRecord = (given: unknown): given is Record<string, unknown> => typeof given === 'object' && given !== null && !Array.isArray(given);
const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));
const quoted = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`;

const nameless = (what: string): never => {
  throw new TypeError(`${what} without a name cannot be written down: give it one in setup()`);
};

/** `and([…])`, `or([…])` and `not(…)` are functions that carry what they are made of. */
function combined(guard: unknown): { readonly name: string; readonly guards: readonly unknown[] } | null {
  if (typeof guard !== 'function' || !('guards' in guard) || !Array.isArray(guard.guards)) return null;
  return { name: guard.name, guards: guard.guards };
}

const list = (parts: readonly string[]): string => `[${parts.join(', ')}]`;

function object(entries: readonly (readonly [string, string])[], depth: number): string {
  if (entries.length === 0) return '{}';
  const inner = '  '.repeat(depth + 1);
  return `{\n${entries.map(([key, text]) => `${inner}${keyOf(key)}: ${text},\n`).join('')}${'  '.repeat(depth)}}`;
}

/** Without line breaks: params, targets, tags. */
function value(given: unknown): string {
  if (typeof given === 'string') return quoted(given);
  if (Array.isArray(given)) return list(given.map(value));
  if (isRecord(given)) {
    const parts = Object.entries(given).map(([key, member]) => `${keyOf(key)}: ${value(member)}`);
    return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  }
  if (typeof given === 'function') return nameless('a function');
  return String(given);
}

function guardOf(guard: unknown, names: Names): string {
  const combiner = combined(guard);
  if (combiner !== null) {
    names.combiners.add(combiner.name);
    const parts = combiner.guards.map((part) => guardOf(part, names));
    return combiner.name === 'not' ? `not(${parts.join('')})` : `${combiner.name}(${list(parts)})`;
  }
  if (typeof guard === 'string') names.guards.add(guard);
  else if (isRecord(guard) && typeof guard['type'] === 'string') names.guards.add(guard['type']);
  else nameless('a guard');
  return value(guard);
}

function actionsOf(actions: unknown, names: Names): string {
  for (const action of [actions].flat()) {
    if (typeof action === 'string') names.actions.add(action);
    else if (isRecord(action) && typeof action['type'] === 'string') names.actions.add(action['type']);
    else nameless('an action');
  }
  return value(actions);
}

/** One transition, or several of which the first that its guard lets through is taken. */
function transitionOf(given: unknown, names: Names, depth: number): string {
  if (Array.isArray(given)) {
    const inner = '  '.repeat(depth + 1);
    return `[\n${given.map((one) => `${inner}${transitionOf(one, names, depth + 1)},\n`).join('')}${'  '.repeat(depth)}]`;
  }
  if (!isRecord(given)) return value(given);
  const parts = Object.entries(given).map(([key, member]) => {
    if (key === 'guard') return `guard: ${guardOf(member, names)}`;
    return `${keyOf(key)}: ${key === 'actions' ? actionsOf(member, names) : value(member)}`;
  });
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

const byEvent = (given: Record<string, unknown>, names: Names, depth: number): string =>
  object(
    Object.entries(given).map(([event, transition]) => [event, transitionOf(transition, names, depth + 1)]),
    depth,
  );

function nodeOf(config: Record<string, unknown>, names: Names, depth: number): string {
  const entries: [string, string][] = [];
  for (const [key, member] of Object.entries(config)) {
    if (member === undefined) continue;
    switch (key) {
      // Who runs the machine gives it its context.
      case 'context':
      case 'version':
        break;
      case 'after':
        if (isRecord(member)) for (const delay of Object.keys(member)) if (!/^\d+$/.test(delay)) names.delays.add(delay);
        if (isRecord(member)) entries.push([key, byEvent(member, names, depth + 1)]);
        break;
      case 'on':
        if (isRecord(member)) entries.push([key, byEvent(member, names, depth + 1)]);
        break;
      case 'always':
      case 'onDone':
        entries.push([key, transitionOf(member, names, depth + 1)]);
        break;
      case 'entry':
      case 'exit':
        entries.push([key, actionsOf(member, names)]);
        break;
      case 'states':
        if (isRecord(member))
          entries.push([
            key,
            object(
              Object.entries(member).map(([name, state]) => [name, isRecord(state) ? nodeOf(state, names, depth + 2) : '{}']),
              depth + 1,
            ),
          ]);
        break;
      case 'invoke':
        return nameless('an actor');
      default:
        entries.push([key, value(member)]);
    }
  }
  return object(entries, depth);
}

/** The code of a module that exports the machine as `machine`. */
export function codeOf(machine: AnyStateMachine): string {
  const names: Names = { guards: new Set(), actions: new Set(), delays: new Set(), combiners: new Set() };
  const config = nodeOf(Object.fromEntries(Object.entries(machine.config)), names, 0);
  const stubs = (of: Set<string>, body: string): string =>
    object(
      [...of].map((name) => [name, body]),
      1,
    );
  const implementations = [['guards', '() => true'] as const, ['actions', '() => {}'] as const, ['delays', '1000'] as const].flatMap(
    ([kind, body]) => (names[kind].size === 0 ? [] : [[kind, stubs(names[kind], body)] as const]),
  );
  const imports = [...names.combiners].toSorted().concat('setup');
  return `import { ${imports.join(', ')} } from 'xstate';\n\nexport const machine = setup(${object(implementations, 0)}).createMachine(${config});\n`;
}
