import type { Link } from '../../src/client/link.ts';
import type { TroupeError } from '../../src/errors.ts';
import type { SessionId, TaskId } from '../../src/ids.ts';
import type { Asked } from '../../src/client/link.ts';
import type { MethodName } from '../../src/protocol/methods.ts';

/** Tasks that something is done to. */
const recent = 24;

/** Gives commands of every kind, as a seed has them, whatever is refused; every one of them is answered. */
export class Writer {
  readonly #link: Pick<Link, 'call'>;
  readonly #random: () => number;
  readonly #tasks: TaskId[] = [];
  readonly #sessions: SessionId[] = [];
  commands = 0;
  refused = 0;

  constructor(link: Pick<Link, 'call'>, random: () => number) {
    this.#link = link;
    this.#random = random;
  }

  /** Several at a time, so that events come together. */
  async write(commands: number, lanes = 4): Promise<void> {
    let left = commands;
    const lane = async (): Promise<void> => {
      while ((left -= 1) >= 0) await this.#one();
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** A plan of a few tasks that wait for each other, in a session or in none. Answers its root. */
  async plan(sessionId?: SessionId): Promise<TaskId> {
    const name = `plan ${this.commands}`;
    const { task, tasks } = await this.#link.call('task.plan', {
      title: name,
      ...(sessionId === undefined ? {} : { sessionId }),
      rollUp: this.#random() < 0.5 ? 'auto' : 'execute',
      tasks: [
        { ref: 'a', title: `${name} a`, tags: ['x'], tasks: [{ ref: 'a1', title: `${name} a1` }] },
        { ref: 'b', title: `${name} b`, dependsOn: ['a'], ...(this.#random() < 0.3 ? { review: 'reviewer' } : {}) },
        { ref: 'c', title: `${name} c`, dependsOn: [{ task: 'b', mandatory: false }], priority: 1 + Math.floor(this.#random() * 10) },
      ],
    });
    this.#tasks.push(task.id, ...Object.values(tasks));
    return task.id;
  }

  async session(): Promise<SessionId> {
    const { session } = await this.#link.call('session.create', { title: `session ${this.commands}` });
    this.#sessions.push(session.id);
    return session.id;
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  async #try<M extends MethodName>(method: M, input: Asked<M>): Promise<void> {
    try {
      await this.#link.call(method, input);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'TroupeError' || (error as TroupeError).retryable) throw error;
      this.refused += 1;
    }
  }

  async #one(): Promise<void> {
    this.commands += 1;
    // Of late, so that much happens to each.
    const taskId = this.#pick(this.#tasks.slice(-recent));
    const roll = Math.floor(this.#random() * 100);
    if (taskId === undefined || roll < 4) return void (await this.plan(this.#pick(this.#sessions)).catch(ignoreRefusal));
    const sessionId = this.#pick(this.#sessions);
    if (sessionId === undefined) return void (await this.session());
    if (roll < 16) return this.#finish(taskId);
    if (roll < 22) return this.#try(this.#random() < 0.5 ? 'session.pause' : 'session.resume', { sessionId });
    const other = this.#pick(this.#tasks.slice(-recent)) ?? taskId;
    const n = this.commands;
    const act = this.#pick([
      () => this.#work(taskId),
      () => this.#work(taskId),
      () => this.#work(taskId),
      () => this.#try('task.block', { taskId, question: `question ${n}` }),
      () => this.#try('task.block', { taskId, reason: `reason ${n}` }),
      () => this.#try('task.answer', { taskId, answer: `answer ${n}` }),
      () => this.#try('task.unblock', { taskId }),
      () => this.#try('task.cancel', { taskId, subtree: this.#random() < 0.5 }),
      () => this.#try('task.retry', { taskId }),
      () => this.#try('task.reopen', { taskId, reason: `again ${n}` }),
      () => this.#try('task.edit', { taskId, set: { title: `edited ${n}`, priority: 1 + Math.floor(this.#random() * 10) } }),
      () => this.#try('task.edit', { taskId, set: { description: `description ${n}`, tags: [`t${n}`] } }),
      () => this.#try('task.note', { taskId, text: `note ${n}` }),
      () => this.#try('dependency.add', { taskId, dependsOn: other }),
      () => this.#try('dependency.remove', { taskId, dependsOn: other }),
      () => this.#try('dependency.waive', { taskId, dependsOn: other }),
      () => (this.#random() < 0.3 ? this.#try('task.archive', { taskId }) : this.#work(taskId)),
      () => (this.#random() < 0.1 ? this.#try('task.delete', { taskId, force: true }) : this.#work(taskId)),
    ]);
    await act?.();
  }

  /** Does what is ready in the task's tree, so that parents come to their turn. */
  async #finish(taskId: TaskId): Promise<void> {
    const found = await this.#link.call('task.get', { taskId }).catch(ignoreRefusal);
    const filter = found === undefined ? {} : { rootId: found.task.rootId };
    for (let n = 0; n < 6; n += 1) {
      const got = await this.#link.call('task.claim', { filter, leaseMs: 60_000 }).catch(ignoreRefusal);
      if (got === undefined) return;
      await this.#try('task.complete', { taskId: got.task.id, summary: `finished ${this.commands}` });
    }
  }

  /** Claims whatever is ready and does something with it, or with the task given. */
  async #work(known: TaskId): Promise<void> {
    const n = this.commands;
    const got = await this.#link.call('task.claim', { leaseMs: 60_000 }).catch(ignoreRefusal);
    const taskId = got?.task.id ?? known;
    if (this.#random() < 0.5) await this.#try('task.progress', { taskId, value: n, total: 10_000, message: `at ${n}` });
    const nextAction = this.#pick(['complete', 'complete', 'complete', 'continue', 'needs_revision', 'blocked'] as const) ?? 'complete';
    const roll = this.#random();
    if (roll < 0.6) await this.#try('task.complete', { taskId, summary: `done ${n}`, detailedWork: `work ${n}`, nextAction });
    else if (roll < 0.8) await this.#try('task.fail', { taskId, error: { message: `error ${n}`, retryable: this.#random() < 0.5 } });
  }
}

function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Error) || error.name !== 'TroupeError') throw error;
}
