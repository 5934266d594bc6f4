import { RefusedError } from '../support/client.ts';
import { randomFrom } from '../support/random.ts';
import { Ledger } from './ledger.ts';
import { Times } from './times.ts';
import { CutError } from './wire.ts';
import type { Wire } from './wire.ts';

/**
 * The mixed load: trees of four tasks that are planned, executed, reported on, completed with work of 0.5 to 20 KB and, when they
 * are old, archived or deleted, with lists and searches in between. Each tree does one thing after another; the load decides when.
 */

type TaskId = `t_${string}`;

export interface MixOptions {
  readonly wires: readonly Wire[];
  readonly seed: number;
  /** Trees at work at once at most; what is due beyond them is left out, and counted. */
  readonly maxTrees: number;
  /** Finished trees that stay until they are archived or deleted. */
  readonly keep: number;
}

/** A tree's next command; done when there is none. */
type Steps = AsyncGenerator<void, void, undefined>;

export class Mix {
  readonly ledger = new Ledger();
  readonly refusals = new Map<string, number>();
  /** Replaced by whoever reads them. */
  times = new Times();
  skipped = 0;
  inFlight = 0;
  #trees = 0;
  #working = 0;
  readonly #idle: Steps[] = [];
  readonly #finished: (readonly TaskId[])[] = [];
  readonly #options: MixOptions;
  readonly #random: () => number;

  constructor(options: MixOptions) {
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  /** Sends one command more, of whichever tree is ready for its next. */
  step(): Promise<void> {
    let tree = this.#idle.shift();
    if (tree === undefined) {
      if (this.#working >= this.#options.maxTrees) {
        this.skipped += 1;
        return Promise.resolve();
      }
      this.#working += 1;
      tree = this.#live(this.#trees++);
    }
    return this.#advance(tree);
  }

  async #advance(tree: Steps): Promise<void> {
    this.inFlight += 1;
    try {
      if ((await tree.next()).done === true) this.#working -= 1;
      else this.#idle.push(tree);
    } catch (error) {
      this.#working -= 1;
      // A service that was killed answers nobody.
      if (error instanceof RefusedError) this.refusals.set(error.reason, (this.refusals.get(error.reason) ?? 0) + 1);
      else if (!(error instanceof CutError)) throw error;
    }
    this.inFlight -= 1;
  }

  async *#live(n: number): Steps {
    const { wires, keep } = this.#options;
    const wire = wires[n % wires.length];
    if (wire === undefined) throw new TypeError('no wires');
    const { ledger } = this;
    const commandId = `tree-${n}`;
    const ask: Wire['ask'] = (method, params) => this.times.of(() => wire.ask(method, params));

    const planned = await ask('task.plan', {
      commandId,
      title: `Tree ${n} of the soak`,
      project: `project-${n % 8}`,
      tasks: ['a', 'b', 'c', 'd'].map((ref, index) => ({
        ref,
        title: `Task ${ref} of tree ${n}`,
        description: 'What is to be done, and why, in a few words more than the title says. '.repeat(4),
        priority: 1 + (n % 10),
        tags: [`area-${n % 20}`],
        dependsOn: index === 0 ? [] : [index === 3 ? 'b' : 'a'],
      })),
    });
    ledger.acknowledged(planned.task);
    yield;
    const taskIds = [...['a', 'b', 'c', 'd'].flatMap((ref) => planned.tasks[ref] ?? []), planned.task.id];
    for (const [index, taskId] of taskIds.entries()) {
      const { task, lease } = await ask('task.execute', { commandId: `${commandId}-e${index}`, taskId });
      ledger.acknowledged(task);
      yield;
      ledger.acknowledged((await ask('task.progress', { taskId, lease: lease.id, value: 1, total: 2, message: 'half of it' })).task);
      yield;
      if (index === 1) {
        if (n % 4 === 0)
          await ask('task.list', { filter: { project: `project-${n % 8}`, tags: [`area-${n % 20}`] }, sort: '-updated', limit: 20 });
        else if (n % 4 === 1) await ask('task.next', {});
        else if (n % 4 === 2) await ask('task.ready', { limit: 20 });
        else await ask('task.list', { filter: { text: `tree ${n}` }, limit: 20 });
        yield;
      }
      const work = `${commandId}/${index} ${'what was found, what was done, what is left; '.repeat(450)}`.slice(
        0,
        512 + this.#random() * 19_500,
      );
      const completed = await ask('task.complete', {
        commandId: `${commandId}-c${index}`,
        taskId,
        lease: lease.id,
        summary: `Done ${index} of tree ${n}`,
        detailedWork: work,
      });
      ledger.acknowledged(completed.task, work);
      yield;
    }
    this.#finished.push(taskIds);
    if (this.#finished.length <= keep) return;
    const old = this.#finished.shift() ?? [];
    const rootId = old.at(-1);
    if (rootId === undefined) return;
    if (n % 3 === 0) {
      ledger.acknowledged((await ask('task.archive', { commandId: `${commandId}-old`, taskId: rootId })).task);
      return;
    }
    for (const id of old) ledger.erasing(id);
    await ask('task.delete', { commandId: `${commandId}-old`, taskId: rootId });
    for (const id of old) ledger.erased(id);
  }
}

/** Commands a second with so many in flight at a time. */
export async function capacity(step: (lane: number) => Promise<void>, inFlight: number, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1_000;
  let count = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, lane) => {
      for (; performance.now() < end; count++) await step(lane);
    }),
  );
  return count / ((performance.now() - start) / 1_000);
}
