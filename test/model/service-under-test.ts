import assert from 'node:assert/strict';
import { TroupeError } from '../../src/errors.ts';
import type { Reason } from '../../src/errors.ts';
import type { LeaseId, TaskId } from '../../src/ids.ts';
import { isTaskId } from '../../src/ids.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { TaskRecord, ArtifactContent, Unit } from '../../src/persistence/store.ts';
import type { MethodName } from '../../src/protocol/methods.ts';
import type { Caller } from '../../src/use-cases/caller.ts';
import { anyone, createManualClock, startService, worker } from '../support/service.ts';
import type { ManualClock, TestService } from '../support/service.ts';
import { leaseId } from '../support/records.ts';
import type { Act, NewTask, Proof } from './acts.ts';
import type { Name, World } from './reference.ts';

/** The real thing: the use cases over a memory store, driven by the acts of the reference. */

export interface Request {
  readonly act: Act;
  readonly method: MethodName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/** What of an answer the test looks at. */
interface Answer {
  readonly task: { readonly id: TaskId; readonly attempt: number; readonly reviewId: TaskId | null };
  readonly tasks?: Readonly<Record<string, TaskId>>;
  readonly lease?: { readonly id: LeaseId };
  readonly repeated?: boolean;
}

export type Outcome = { readonly refused: Reason; readonly answer: null } | { readonly refused: null; readonly answer: Answer };

export interface Sent {
  readonly request: Request;
  /** Whether the task's record remembers it, so that it must not happen again. */
  remembered: boolean;
}

const callerOf = (by: string): Caller => (by === 'test' ? anyone : worker(by.slice('test/'.length)));

export class ServiceUnderTest {
  service: TestService;
  readonly clock: ManualClock;
  readonly ids = new Map<Name, TaskId>();
  readonly sent: Sent[] = [];
  /** What was done, for whoever reads a failure. */
  readonly trace: string[] = [];
  readonly #leases = new Map<string, LeaseId>();
  readonly #revs = new Map<string, number>();
  readonly #residentLimit: number;
  #commands = 0;
  #cursor = 0;

  private constructor(service: TestService, clock: ManualClock, residentLimit: number) {
    this.service = service;
    this.clock = clock;
    this.#residentLimit = residentLimit;
  }

  static async start(now: number, residentLimit: number): Promise<ServiceUnderTest> {
    const clock = createManualClock(now);
    return new ServiceUnderTest(await startService({ clock, residentLimit, onError: raise }), clock, residentLimit);
  }

  nameOf(id: TaskId): Name {
    for (const [name, known] of this.ids) if (known === id) return name;
    throw new RangeError(`${id} was not made by the test`);
  }

  #id(name: Name): TaskId {
    const id = this.ids.get(name);
    if (id === undefined) throw new RangeError(`${name} was not made`);
    return id;
  }

  async records(): Promise<ReadonlyMap<Name, TaskRecord>> {
    const stored = await this.service.store.load([...this.ids.values()]);
    const records = new Map<Name, TaskRecord>();
    for (const [name, id] of this.ids) {
      const record = stored.get(id);
      assert(record !== undefined, `${name} is not in the store`);
      records.set(name, record);
    }
    return records;
  }

  /** The request of an act, with a command id of its own. `alone`: nothing else can change the task's revision meanwhile. */
  request(act: Exclude<Act, { act: 'advance' }>, world: World, alone: boolean): Request {
    const commandId = `c${(this.#commands += 1)}`;
    if (act.act === 'make') return { act, ...this.#make(act.tasks, act.below, world.now, commandId), caller: anyone };
    if (act.act === 'claim') return { act, method: 'task.claim', params: { commandId, leaseMs: act.leaseMs }, caller: callerOf(act.by) };
    const taskId = this.#id(act.task);
    const target = { commandId, taskId };
    const rev = this.#revs.get(taskId) ?? 0;
    const bound = { ...target, ...('stale' in act && (act.stale || alone) ? { ifRev: act.stale ? rev + 1_000 : rev } : {}) };
    const as = (method: MethodName, params: Request['params'], caller = anyone): Request => ({ act, method, params, caller });
    const proved = (method: MethodName, proof: Proof, params: Request['params']) =>
      as(method, { ...target, ...this.#shown(act.task, proof), ...params }, callerOf(proof.by));
    switch (act.act) {
      case 'execute':
        return as('task.execute', { ...target, leaseMs: act.leaseMs }, callerOf(act.by));
      case 'progress':
        return proved('task.progress', act.proof, { value: 1 });
      case 'complete': {
        const { nextAction, artifactType, answered, met, proof } = act;
        const acceptance = Array.from({ length: answered }, () => ({ met }));
        const work = artifactType === null ? {} : { detailedWork: `work of ${commandId}`, artifactType };
        return proved('task.complete', proof, { summary: 'done', nextAction, acceptance, ...work });
      }
      case 'fail':
        return proved('task.fail', act.proof, { error: { message: 'broke', retryable: act.retryable } });
      case 'block':
        return as('task.block', { ...target, ...(act.asks ? { question: 'which?' } : { reason: 'stuck' }) });
      case 'answer':
        return as('task.answer', { ...target, answer: 'that one' });
      case 'cancel':
        return as('task.cancel', { ...bound, subtree: act.subtree });
      case 'reopen':
        return as('task.reopen', { ...bound, reason: 'again' });
      case 'note':
        return as('task.note', { ...bound, text: 'mind the gap' });
      case 'edit': {
        const { acceptance, ...set } = act.set;
        return as('task.edit', {
          ...bound,
          set: { ...set, ...(acceptance === undefined ? {} : { acceptance: Array(acceptance).fill('works') }) },
        });
      }
      case 'delete':
        return as('task.delete', { ...target, force: act.force });
      case 'add':
        return as('dependency.add', { ...bound, dependsOn: this.#edge(act.edge) });
      case 'remove':
      case 'waive':
        return as(`dependency.${act.act}`, { ...bound, dependsOn: this.#id(act.on) });
      case 'unblock':
      case 'retry':
      case 'archive':
        return as(`task.${act.act}`, target);
    }
  }

  #edge({ on, kind, mandatory, artifactType }: NewTask['edges'][number]): Request['params'] {
    return { task: this.ids.get(on) ?? on, kind, mandatory, ...(artifactType === null ? {} : { artifactType }) };
  }

  #make(tasks: readonly NewTask[], below: Name | null, now: number, commandId: string): Pick<Request, 'method' | 'params'> {
    const given = ({ name, review, rollUp, acceptance, maxAttempts, priority, dueInMs, edges }: NewTask) => ({
      title: name,
      maxAttempts,
      priority,
      rollUp: rollUp ? 'auto' : 'execute',
      acceptance: Array.from({ length: acceptance }, (_, index) => `criterion ${index}`),
      dependsOn: edges.map((edge) => this.#edge(edge)),
      ...(review === null ? {} : { review: 'reviewer' }),
      ...(dueInMs === null ? {} : { dueAt: new Date(now + dueInMs).toISOString() }),
    });
    const nested = (parent: Name): object[] =>
      tasks.filter((task) => task.parent === parent).map((task) => ({ ...given(task), ref: task.name, tasks: nested(task.name) }));
    const [top] = tasks;
    assert(top !== undefined);
    const parentId = below === null ? {} : { parentId: this.#id(below) };
    const params = { commandId, ...given(top), ...parentId };
    if (tasks.length === 1) return { method: 'task.create', params };
    return { method: 'task.plan', params: { ...params, tasks: nested(top.name) } };
  }

  #shown(task: Name, { attempt }: Proof): Request['params'] {
    if (attempt === null) return {};
    return { lease: this.#leases.get(`${task} ${attempt}`) ?? leaseId(1_000 + Math.max(0, attempt)) };
  }

  async send({ method, params, caller }: Request): Promise<Outcome> {
    try {
      return { refused: null, answer: (await this.service.dispatch(method, params, caller)) as Answer };
    } catch (error) {
      if (error instanceof TroupeError) return { refused: error.reason, answer: null };
      throw error;
    }
  }

  /** Takes over the ids that the service gave; answers what a claim got. */
  learn({ act }: Request, { answer }: Outcome): Act {
    if (answer === null) return act;
    const { task, tasks, lease } = answer;
    if (act.act === 'make') {
      for (const [index, { name, review }] of act.tasks.entries()) {
        const id = index === 0 ? task.id : tasks?.[name];
        assert(id !== undefined && isTaskId(id), `${name} has no id`);
        this.ids.set(name, id);
        const reviewId = index === 0 ? task.reviewId : tasks?.[`${name}:review`];
        assert.equal(typeof reviewId === 'string', review !== null);
        if (review !== null && typeof reviewId === 'string') this.ids.set(review, reviewId);
      }
    }
    if (lease !== undefined) this.#leases.set(`${this.nameOf(task.id)} ${task.attempt}`, lease.id);
    return act.act === 'claim' ? { ...act, got: this.nameOf(task.id) } : act;
  }

  /** Every revision of every task came as one event, in order, and the last one shows what the record holds. */
  checkEvents(records: ReadonlyMap<Name, TaskRecord>, isReady: (record: TaskRecord) => boolean): void {
    const { log } = this.service;
    const shown = new Map<string, unknown>();
    for (; this.#cursor < log.end; this.#cursor++) {
      const { taskId, rev, data, type } = log.at(this.#cursor).event;
      if (taskId === null) continue;
      assert.equal(rev, (this.#revs.get(taskId) ?? 0) + 1, `${type} skips a revision of ${taskId}`);
      this.#revs.set(taskId, rev);
      shown.set(taskId, [data['status'], data['ready']]);
    }
    for (const record of records.values()) {
      assert.equal(record.rev, this.#revs.get(record.id));
      if (shown.has(record.id)) assert.deepEqual(shown.get(record.id), [record.snapshot.value, isReady(record)]);
    }
  }

  /** What is durable goes through JSON into a store of its own, and a new service takes over. */
  async restart(): Promise<void> {
    const before = await this.records();
    const old = this.service;
    await old.close();
    const writes: Unit['writes'][number][] = [];
    const artifacts: ArtifactContent[] = [];
    for (const record of before.values()) {
      const events = await old.store.history(record.id, { limit: 1_000 });
      const event = events.items.at(-1);
      assert(event !== undefined && event.taskId !== null);
      writes.push({ expectedRev: 0, record: throughJson(record), event: throughJson(event) });
      for (const ref of record.snapshot.context.artifacts)
        artifacts.push({ ref, content: await old.store.readArtifact(ref.id, { offset: 0, length: ref.bytes }) });
    }
    await old.store.close();
    const store = createMemoryStore({ clock: this.clock });
    await store.commit([{ id: 'restored', checks: [], writes, artifacts }]);
    this.service = await startService({ clock: this.clock, store, residentLimit: this.#residentLimit, onError: raise });
    this.#cursor = this.service.log.end;
    assert.deepEqual(await this.records(), before);
    // The index of leases knows the newest one of each task, not those that are long over.
    this.sent.splice(0, this.sent.length, ...this.sent.filter(({ request }) => request.method !== 'task.claim'));
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.service.store.close();
  }
}

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const raise = (error: unknown, what: string): never => {
  throw new Error(what, { cause: error });
};
