import type { Mutant } from './mutant.ts';

/** The same invariants where several nodes write: one wins, the others are told the real state, and all see one log. */
export const nodes: readonly Mutant[] = [
  {
    id: 'what-stands-on-a-lost-unit-goes-on',
    invariant: 3,
    file: 'persistence/postgres/batches.ts',
    text: 'if (bases.length === 0) return false;',
    replacement: 'if (bases.length >= 0) return false;',
    tests: ['test/unit/postgres-batches.test.ts'],
    breaks: "A unit is applied to another node's revision that has the same number as the lost one it was built on.",
  },
  {
    id: 'revisions-not-compared',
    invariant: 4,
    file: 'persistence/postgres/commit-statement.ts',
    text: 'where coalesce(h.rev, 0) <> r.expected',
    replacement: 'where coalesce(h.rev, 0) < 0',
    tests: ['test/postgres/races.test.ts'],
    breaks: 'Two nodes do opposite things to a task, and both are told that it was done.',
  },
  {
    id: 'events-shown-before-older-ones',
    invariant: 4,
    file: 'persistence/postgres/tail-statements.ts',
    text: "const shown = 'e.xid < pg_snapshot_xmin(pg_current_snapshot())';",
    replacement: "const shown = 'true';",
    tests: ['test/postgres/nodes.test.ts'],
    breaks: 'An event is shown while an older transaction runs, whose events are never shown then.',
  },
  {
    id: 'transactions-in-the-order-of-texts',
    invariant: 4,
    file: 'persistence/postgres/tail-statements.ts',
    text: 'next on true order by next.xid, next.n',
    replacement: 'next on true order by next.xid::text, next.n',
    tests: ['test/postgres/nodes.test.ts'],
    breaks: 'At transaction 1000 later events come before earlier ones.',
  },
  {
    id: 'refused-by-what-is-in-memory',
    invariant: 11,
    file: 'actors/standing.ts',
    text: 'stored.get(id)?.rev !== record?.rev',
    replacement: 'stored.get(id)?.rev === -1',
    tests: ['test/postgres/nodes.test.ts'],
    breaks: 'A node that slept refuses by a state that is no longer so.',
  },
  {
    id: 'a-lost-listener-stays-lost',
    invariant: 11,
    file: 'persistence/postgres/pool.ts',
    text: 'this.#timer = setTimeout(() => void this.#again(), againMs);',
    replacement: '',
    tests: ['test/postgres/trouble.test.ts'],
    breaks: 'After a restart of the server a node hears nothing of the others any more.',
  },
];
