import type { Mutant } from './mutant.ts';

/** Only the newest lease acts (6), one process writes a directory (7), what can't be read is kept and reported (8). */
export const ownership: readonly Mutant[] = [
  {
    id: 'any-lease-accepted',
    invariant: 6,
    file: 'machines/guards.ts',
    text: 'return event.lease === lease.id;',
    replacement: 'return true;',
    tests: ['test/unit/machine-attempts.test.ts'],
    breaks: 'A worker whose lease was taken over completes the task.',
  },
  {
    id: 'claim-keeps-the-old-lease',
    invariant: 6,
    file: 'machines/changes.ts',
    text: 'lease: { id: event.lease, holder',
    replacement: 'lease: { id: context.lease?.id ?? event.lease, holder',
    tests: ['test/unit/machine-fence.test.ts'],
    breaks: 'A claim after an expiry does not fence the worker before.',
  },
  {
    id: 'reopening-keeps-the-lease',
    invariant: 6,
    file: 'machines/changes.ts',
    text: 'failures: 0,\n  lease: null,',
    replacement: 'failures: 0,',
    tests: ['test/unit/machine-attempts.test.ts', 'test/unit/machine-changes.test.ts'],
    breaks: 'Whoever worked on a task that was sent back can still complete it.',
  },
  {
    id: 'progress-not-fenced',
    invariant: 6,
    file: 'machines/guards.ts',
    text: "PROGRESS: ['leaseHeld'],",
    replacement: 'PROGRESS: [],',
    tests: ['test/unit/machine-attempts.test.ts'],
    breaks: 'Anybody renews a lease.',
  },
  {
    id: 'failure-not-fenced',
    invariant: 6,
    file: 'machines/guards.ts',
    text: "FAIL: ['leaseHeld'],",
    replacement: 'FAIL: [],',
    tests: ['test/unit/machine-attempts.test.ts'],
    breaks: 'Anybody fails the attempt of another worker.',
  },
  {
    id: 'bare-principal-needs-no-lease',
    invariant: 6,
    file: 'machines/guards.ts',
    text: "return event.by.includes('/') && event.by === lease.holder;",
    replacement: 'return event.by === lease.holder;',
    tests: ['test/unit/machine-attempts.test.ts', 'test/integration/use-cases/execute.test.ts'],
    breaks: 'All who share a token act for each other without showing the lease.',
  },
  {
    id: 'lock-not-looked-at',
    invariant: 7,
    file: 'persistence/lowdb/lock.ts',
    text: 'if (!tryLock(descriptor)) throw',
    replacement: 'if (!tryLock(descriptor) && descriptor < 0) throw',
    tests: ['test/integration/lowdb-recovery.test.ts'],
    breaks: 'A second process opens the directory of the first.',
  },
  {
    id: 'lock-of-its-own',
    invariant: 7,
    file: 'persistence/lowdb/lock.ts',
    text: "openSync(layout.lock, 'a+')",
    replacement: "openSync(layout.temporary(`${process.pid}-${performance.now()}`), 'a+')",
    tests: ['test/integration/lowdb-lock.test.ts'],
    breaks: 'Every process locks a file that no other looks at.',
  },
  {
    id: 'touched-before-locked',
    invariant: 7,
    file: 'persistence/lowdb/store.ts',
    text: 'lock = await ownDirectory(',
    replacement: 'await removeTemporaries(layout).catch(() => {});\n    lock = await ownDirectory(',
    tests: ['test/integration/lowdb-lock.test.ts'],
    breaks: 'A start that finds the directory owned removes what its owner is writing.',
  },
  {
    id: 'released-while-closing',
    invariant: 7,
    file: 'persistence/lowdb/lowdb-store.ts',
    text: `    await db.write().catch(() => {});
    await checkpointer.stop();
    // What was acknowledged is in the journal in any case.
    if (adapter.failure !== null || !adapter.journal.isEmpty) await checkpointer.run().catch(() => {});
    await artifacts.idle();
    log.close();
    await adapter.close().catch((error: unknown) => problems.report(\`the journal could not be closed: \${messageOf(error)}\`));
    await lock.release();`,
    replacement: `    await lock.release();
    await db.write().catch(() => {});
    await checkpointer.stop();
    // What was acknowledged is in the journal in any case.
    if (adapter.failure !== null || !adapter.journal.isEmpty) await checkpointer.run().catch(() => {});
    await artifacts.idle();
    log.close();
    await adapter.close().catch((error: unknown) => problems.report(\`the journal could not be closed: \${messageOf(error)}\`));`,
    tests: ['test/integration/lowdb-lock.test.ts'],
    breaks: 'The lock is let go while the last checkpoint is still written.',
  },
  {
    id: 'bad-record-dropped',
    invariant: 8,
    file: 'persistence/lowdb/replay.ts',
    text: 'else setAside.push({ id, text: entryText(entry), reason });',
    replacement: 'else void entryText(entry);',
    tests: ['test/integration/lowdb-recovery.test.ts'],
    breaks: 'A record that can not be taken in is gone after the next checkpoint, and nobody is told.',
  },
  {
    id: 'bad-record-not-in-checkpoint',
    invariant: 8,
    file: 'persistence/lowdb/checkpoint.ts',
    text: 'setAside: [...quarantine.lines],',
    replacement: 'setAside: [],',
    tests: ['test/integration/lowdb-recovery.test.ts'],
    breaks: 'A record that was set aside leaves the store with the next checkpoint.',
  },
  {
    id: 'bad-record-written-over',
    invariant: 8,
    file: 'persistence/lowdb/store.ts',
    text: 'if (quarantine.holds(id)) return Number.NaN;',
    replacement: '',
    tests: ['test/integration/lowdb-recovery.test.ts'],
    breaks: 'A new task takes the place of a record that could not be read.',
  },
  {
    id: 'corrupt-line-ignored',
    invariant: 8,
    file: 'persistence/lowdb/read-journal.ts',
    text: "if (bad !== null) throw new CorruptStoreError(file, bad.offset, 'a damaged line that is not the last one');",
    replacement: '',
    tests: ['test/unit/journal.test.ts', 'test/integration/lowdb-recovery.test.ts'],
    breaks: 'Damage in the middle of a journal is read over.',
  },
  {
    id: 'checkpoint-checksum-ignored',
    invariant: 8,
    file: 'persistence/lowdb/snapshot-file.ts',
    text: "checksum.exec(bytes.toString('latin1'))?.[1] !== toHex(check)",
    replacement: "checksum.exec(bytes.toString('latin1')) === null",
    tests: ['test/unit/snapshot-file.test.ts'],
    breaks: 'A flipped bit in a checkpoint is taken for what was written.',
  },
  {
    id: 'torn-tail-not-kept',
    invariant: 8,
    file: 'persistence/lowdb/store.ts',
    text: 'await quarantine.keep(`${basename(file)}.byte-${offset}.${toHex(crc32(bytes))}`, bytes, line);',
    replacement: 'void [quarantine, crc32, toHex, line];',
    tests: ['test/integration/lowdb-recovery.test.ts'],
    breaks: 'The tail of a journal is cut without a word and without a copy.',
  },
  {
    id: 'one-bad-pack-stops-the-start',
    invariant: 8,
    file: 'persistence/lowdb/packs.ts',
    text: "onProblem(`artifacts/${basename(file)} can't be read and is left where it is: ${messageOf(error)}`);",
    replacement: 'throw new Error(messageOf(error));',
    tests: ['test/integration/lowdb-packs.test.ts'],
    breaks: 'One damaged pack keeps the whole service from starting.',
  },
  {
    id: 'unrestorable-not-reported',
    invariant: 8,
    file: 'actors/residents.ts',
    text: 'this.#options.setAside(stored, record);',
    replacement: '',
    tests: ['test/integration/unreadable.test.ts'],
    breaks: 'A task that can not be restored is as if it did not exist.',
  },
  {
    id: 'unrestorable-run-anyway',
    invariant: 8,
    file: 'actors/residents.ts',
    text: "if (typeof record === 'string') {",
    replacement: "if (typeof record === 'string' && stored.rev < 0) {",
    tests: ['test/integration/unreadable.test.ts'],
    breaks: 'A command runs on a record that this version does not understand, and writes over it.',
  },
];
