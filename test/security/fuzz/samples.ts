import type { ClientMethod, Params } from '../../support/client.ts';
import type { ArtifactId, LeaseId, SessionId, TaskId } from '../../../src/ids.ts';

/** Right requests of every method, over ids that the service has given out. */

/** What was learned from answers; the newest ids push out the oldest. */
export class Pool {
  readonly #ids = new Map<string, string[]>();
  readonly #held: (readonly [TaskId, LeaseId])[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  learn(text: string): void {
    for (const [id] of text.matchAll(/\b[tasl]_[0-9a-hjkmnp-tv-z]{26}\b|\b[0-9a-f]+:\d+:[0-9a-f]+\b|\bv\d+\b/g)) {
      const kind = id.includes(':') ? 'position' : (id[0] ?? '');
      const known = this.#ids.get(kind) ?? [];
      if (known.includes(id)) continue;
      known.push(id);
      if (known.length > 40) known.shift();
      this.#ids.set(kind, known);
    }
    const task = /"task":\{"id":"(t_\w{26})"/.exec(text)?.[1];
    const lease = /"lease":\{"id":"(l_\w{26})"/.exec(text)?.[1];
    if (task === undefined || lease === undefined) return;
    this.#held.push([task as TaskId, lease as LeaseId]);
    if (this.#held.length > 10) this.#held.shift();
  }

  /** A task with the lease that it was once given out under. */
  get held(): { readonly taskId: TaskId; readonly lease: LeaseId } {
    const [taskId, lease] = this.#held[Math.floor(this.#random() * this.#held.length)] ?? [this.task, this.lease];
    return { taskId, lease };
  }

  get task(): TaskId {
    return this.#some('t') as TaskId;
  }

  get artifact(): ArtifactId {
    return this.#some('a') as ArtifactId;
  }

  get lease(): LeaseId {
    return this.#some('l') as LeaseId;
  }

  get session(): SessionId {
    return this.#some('s') as SessionId;
  }

  get position(): string {
    return this.#some('position');
  }

  get view(): string {
    return this.#some('v');
  }

  /** An id of any kind. */
  get any(): string {
    const kinds = ['t', 's', 'a', 'l', 'position', 'v'];
    return this.#some(kinds[Math.floor(this.#random() * kinds.length)] ?? 't');
  }

  #some(kind: string): string {
    const known = this.#ids.get(kind) ?? [];
    return known[Math.floor(this.#random() * known.length)] ?? (kind === 'position' ? 'e:1:0' : `${kind}_${'0'.repeat(26)}`);
  }
}

type Samples = { readonly [M in ClientMethod]: (pool: Pool, nonce: string) => Params<M> };

const given = (nonce: string) => ({
  commandId: nonce,
  title: `Task ${nonce}`,
  description: 'Grün 🚀',
  externalId: `x-${nonce}`,
  type: 'implementation' as const,
  specialist: 'implementer',
  complexity: 'simple' as const,
  priority: 4,
  tags: ['a', 'b/c'],
  context: { deep: { list: [1, 'two', null, { three: true }] } },
  estimatedEffort: '1 h',
  dueAt: '2099-01-31T12:00:00Z',
  maxAttempts: 2,
});
const target = (pool: Pool, nonce: string) => ({ taskId: pool.task, commandId: nonce });
const session = (pool: Pool, nonce: string) => ({ sessionId: pool.session, commandId: nonce });
const read = (pool: Pool) => ({ taskId: pool.task });
const edge = (pool: Pool, nonce: string) => ({ ...target(pool, nonce), dependsOn: pool.task });
const filter = { project: 'default', type: ['standard' as const], specialist: ['generic'], tags: ['a'], text: 'task' };
const leaseMs = 3_600_000;

const template = (nonce: string) =>
  `{ metadata: { name: '${nonce}', version: '1.0.0', description: 'x' }, tasks: { a: { title: 'A' }, b: { title: 'B', dependencies: ['a'] } } }`;

export const samples: Samples = {
  'session.hello': () => ({ token: 'troupe_nobody', client: { name: 'fuzz', version: '1' }, worker: 'w-1' }),
  'system.ping': () => ({}),
  'request.cancel': (_, nonce) => ({ id: nonce }),
  'task.plan': (pool, nonce) => ({
    ...given(nonce),
    dependsOn: [{ task: pool.task, kind: 'related' }],
    tasks: [
      { ref: 'one', title: 'One' },
      { ref: 'two', title: 'Two', dependsOn: ['one'], tasks: [{ ref: 'three', title: 'Three', rollUp: 'auto' }] },
    ],
  }),
  'task.create': (pool, nonce) => ({ ...given(nonce), parentId: pool.task }),
  'task.claim': (pool, nonce) => ({ commandId: nonce, filter: { ...filter, rootId: pool.task }, leaseMs, waitMs: 5 }),
  'task.execute': (pool, nonce) => ({ ...target(pool, nonce), leaseMs }),
  'task.context': read,
  'task.progress': (pool, nonce) => ({ commandId: nonce, ...pool.held, value: 1, total: 2, message: 'half' }),
  'task.complete': (pool, nonce) => ({
    commandId: nonce,
    ...pool.held,
    summary: 'done',
    detailedWork: 'all of it '.repeat(20),
    artifactType: 'code',
    artifactName: 'work.md',
    artifacts: [],
    filePaths: ['src/a.ts', '../../etc/passwd'],
    acceptance: [{ met: true, note: 'yes' }],
    nextAction: 'complete',
    feedback: 'fine',
  }),
  'task.fail': (pool, nonce) => ({ commandId: nonce, ...pool.held, error: { message: 'no', retryable: true } }),
  'task.block': (pool, nonce) => ({ ...target(pool, nonce), reason: 'waits', question: 'why?' }),
  'task.answer': (pool, nonce) => ({ ...target(pool, nonce), answer: 'so' }),
  'task.unblock': (pool, nonce) => ({ ...target(pool, nonce), note: 'go on' }),
  'task.cancel': (pool, nonce) => ({ ...target(pool, nonce), ifRev: 2, reason: 'no more', subtree: false }),
  'task.retry': target,
  'task.reopen': (pool, nonce) => ({ ...target(pool, nonce), ifRev: 3, reason: 'again' }),
  'task.edit': (pool, nonce) => ({ ...target(pool, nonce), ifRev: 1, set: { priority: 2, estimatedEffort: null, tags: ['c'] } }),
  'task.note': (pool, nonce) => ({ ...target(pool, nonce), text: 'remember' }),
  'task.archive': target,
  'task.delete': (pool, nonce) => ({ ...target(pool, nonce), force: false }),
  'task.get': (pool) => ({ ...read(pool), minPosition: pool.position }),
  'task.list': (pool) => ({
    filter: { ...filter, status: ['pending', 'active'], createdAfter: '2020-01-01', rootId: pool.task, includeArchived: true },
    sort: 'next',
    limit: 3,
    fields: ['id', 'title', 'status'],
  }),
  'task.ready': () => ({ filter: { specialist: ['generic'] }, limit: 3 }),
  'task.next': () => ({ filter: { complexity: ['moderate'] } }),
  'task.history': (pool) => ({ ...read(pool), limit: 5 }),
  'task.synthesize': (pool) => ({ ...read(pool), limit: 3 }),
  'dependency.add': (pool, nonce) => ({
    ...target(pool, nonce),
    dependsOn: { task: pool.task, kind: 'data', mandatory: true, artifactType: 'design' },
  }),
  'dependency.remove': edge,
  'dependency.waive': (pool, nonce) => ({ ...edge(pool, nonce), reason: 'enough' }),
  'artifact.get': (pool) => ({ artifactId: pool.artifact, offset: 0, limit: 64 }),
  'artifact.list': read,
  'artifact.begin': () => ({ type: 'test', name: 'a.txt', mediaType: 'text/plain' }),
  'artifact.append': (_, nonce) => ({ uploadId: nonce, offset: 0, content: 'piece' }),
  'artifact.finish': (_, nonce) => ({ uploadId: nonce, sha256: '0'.repeat(64) }),
  'session.create': (_, nonce) => ({
    commandId: nonce,
    title: `Session ${nonce}`,
    workingDirectory: '/etc/passwd',
    context: { goal: 'x' },
  }),
  'session.get': (pool) => ({ sessionId: pool.session, minPosition: pool.position }),
  'session.list': () => ({ status: ['active', 'paused'], project: 'default', limit: 5 }),
  'session.pause': (pool, nonce) => ({ ...session(pool, nonce), reason: 'later' }),
  'session.resume': session,
  'session.complete': (pool, nonce) => ({ ...session(pool, nonce), summary: 'done' }),
  'session.cleanup': (_, nonce) => ({ commandId: nonce, kind: 'all', olderThanDays: 1, dryRun: false, project: 'default', limit: 5 }),
  'specialist.list': () => ({}),
  'specialist.get': () => ({ key: 'generic' }),
  'events.subscribe': (pool) => ({ since: pool.position, filter: { rootId: pool.task, project: 'default' }, batchMs: 20 }),
  'events.unsubscribe': (pool) => ({ view: pool.view }),
  'machine.list': () => ({}),
  'machine.get': () => ({ id: 'task' }),
  'inspection.ticket': () => ({}),
  'system.status': () => ({}),
  'template.list': () => ({ category: 'builtin', topic: 'development', metadata: true, limit: 2, cursor: 'builtin/article' }),
  'template.get': () => ({ id: 'bug-fix', category: 'builtin' }),
  'template.create': (_, nonce) => ({ id: 'fuzz', content: template(nonce), category: 'user', overwrite: true }),
  'template.validate': (_, nonce) => ({ content: template(nonce) }),
  'template.validateAll': () => ({ category: 'user' }),
  'template.instantiate': (_, nonce) => ({
    commandId: nonce,
    id: 'learn-skill',
    parameters: { skill: 'Chess', proof: 'Win against the neighbour.', weeks: 2 },
    createTasks: true,
  }),
  'template.install': () => ({ ids: ['bug-fix'], category: 'shared', overwrite: false }),
  'template.delete': () => ({ id: 'bug-fix', category: 'shared' }),
  'template.status': () => ({}),
  'system.health': () => ({}),
  // Nothing happens without `dryRun: false`.
  'system.restart': (_, nonce) => ({ commandId: nonce, graceful: true, timeoutMs: 10, reason: 'to see' }),
  'maintenance.scan': (pool) => ({ ...read(pool), project: 'default', limit: 3, staleHours: 1 }),
  'maintenance.free': (pool, nonce) => ({ ...target(pool, nonce), limit: 3, staleHours: 1 }),
  'maintenance.archive': (_, nonce) => ({ commandId: nonce, project: 'default', limit: 3, kinds: ['completed'], days: { completed: 1 } }),
  'maintenance.validate': (pool) => ({ ...read(pool), level: 'full_audit', limit: 3 }),
  'maintenance.handover': (pool) => ({ ...read(pool), maxBytes: 4_096 }),
};
