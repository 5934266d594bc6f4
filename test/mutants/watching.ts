import type { Mutant } from './mutant.ts';

/** What watches sees what is durable (2), in order and without holes (4): the live view, inspectors, the page's own lists. */
export const watching: readonly Mutant[] = [
  {
    id: 'view-goes-back',
    invariant: 4,
    file: 'client/view-rows.ts',
    text: 'if (row === undefined || item.rev >= row.rev) this.#set(id, { ...item, last });',
    replacement: 'this.#set(id, { ...item, last });',
    tests: ['test/client/view-rows.test.ts', 'test/client/view.test.ts'],
    breaks: 'An answer that was older than an event takes the row back.',
  },
  {
    id: 'view-misses-a-hole',
    invariant: 4,
    file: 'client/view-rows.ts',
    text: 'if (rev > row.rev + 1 || [...this.#fields].some(isOpen)) this.stale.add(id);',
    replacement: 'if ([...this.#fields].some(isOpen)) this.stale.add(id);',
    tests: ['test/client/view-rows.test.ts'],
    breaks: 'A row is taken for exact although revisions in between were never heard of.',
  },
  {
    id: 'inspector-hears-twice',
    invariant: 4,
    file: 'inspection/viewer.ts',
    text: 'if (!this.#matches(event) || event.rev <= (told.get(id)?.rev ?? this.#revAhead(id))) continue;',
    replacement: 'if (!this.#matches(event)) continue;',
    tests: ['test/inspection/viewer.test.ts', 'test/inspection/receiver.test.ts'],
    breaks: 'An inspector is told of what its backfill has shown already.',
  },
  {
    id: 'inspector-sees-all-projects',
    invariant: 2,
    file: 'use-cases/inspect.ts',
    text: 'const allowed = projects === null ? null : new Set(projects);',
    replacement: 'const allowed = projects === null ? null : null;',
    tests: ['test/inspection/access.test.ts'],
    breaks: 'An inspector is shown events of projects that its token does not open.',
  },
  {
    id: 'ticket-opens-twice',
    invariant: 2,
    file: 'transport/inspect/tickets.ts',
    text: 'this.#issued.delete(hash);\n    return issued',
    replacement: 'return issued',
    tests: ['test/inspection/access.test.ts'],
    breaks: 'A ticket of an address that somebody else has seen opens a second time.',
  },
];
