import { connect, RefusedError } from '../support/client.ts';
import type { Client, ClientMethod, Params, Result } from '../support/client.ts';
import { numberOf } from './follower.ts';
import type { Address } from './service.ts';

/** Work that makes events of every kind: trees that are planned, executed, changed, completed, archived and deleted. */

/** How far the work has got. */
export class Tally {
  /** The number of the newest event that was acknowledged. */
  acknowledged = 0;
  /** No new work once it is true. */
  stopped = false;
  #look: () => void = () => {};
  #failed: Promise<unknown> = new Promise(() => {});

  /** What must not go wrong while somebody waits. */
  failWith(work: Promise<unknown>): void {
    this.#failed = work.then(() => new Promise(() => {}));
    this.#failed.catch(() => {});
  }

  note(position: string): void {
    this.acknowledged = Math.max(this.acknowledged, numberOf(position));
    this.#look();
  }

  async reached(number: number): Promise<void> {
    const there = new Promise<void>((resolve) => {
      this.#look = () => this.acknowledged >= number && resolve();
      this.#look();
    });
    await Promise.race([there, this.#failed]);
  }
}

const projects = ['web', 'api', 'ops'] as const;
const lanes = 6;

/** Works over the services that come one after the other until the tally is stopped. */
export async function write(
  service: { readonly address: Promise<Address> },
  name: string,
  random: () => number,
  tally: Tally,
): Promise<void> {
  let lives = 0;
  while (!tally.stopped) {
    const { url, token } = await service.address;
    const client = await connect(url, token, { worker: name }).catch(() => null);
    if (client === null) continue;
    const lane = async (): Promise<void> => {
      while (!tally.stopped) await liveOnce(client, `${name} ${(lives += 1)}`, random, tally);
    };
    await Promise.all(Array.from({ length: lanes }, lane)).catch((error: unknown) => {
      if (error instanceof RefusedError && !isAway(error)) throw error;
    });
    client.terminate();
    await client.closed;
  }
}

const isAway = ({ reason }: RefusedError): boolean => reason === 'DRAINING' || reason === 'STORE_UNAVAILABLE' || reason === 'CANCELLED';

/** One tree from its plan to its end, with some of everything on the way. */
async function liveOnce(client: Client, title: string, random: () => number, tally: Tally): Promise<void> {
  const ask = async <M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>> => {
    const answer = await client.request(method, params);
    if ('position' in answer) tally.note(answer.position);
    return answer;
  };
  const often = (chance: number): boolean => random() < chance;
  const children = 2 + Math.floor(random() * 8);
  const plan = await ask('task.plan', {
    title,
    project: projects[Math.floor(random() * projects.length)] ?? 'web',
    rollUp: often(0.5) ? 'auto' : 'execute',
    tasks: Array.from({ length: children }, (_, index) => ({
      ref: `c${index}`,
      title: `${title} part ${index}`,
      ...(index > 0 && often(0.5) ? { dependsOn: [`c${index - 1}`] } : {}),
    })),
  });
  const root = plan.task.id;
  for (let index = 0; index < children && !tally.stopped; index += 1) {
    const taskId = plan.tasks[`c${index}`];
    if (taskId === undefined) throw new TypeError('a part of the plan is missing');
    if (often(0.2)) await ask('task.edit', { taskId, set: { title: `${title} mended ${index}`, priority: 1 + Math.floor(random() * 10) } });
    if (often(0.1)) {
      await ask('task.block', { taskId, question: 'Shall we?' });
      await ask('task.answer', { taskId, answer: 'We shall.' });
    }
    if (often(0.1)) {
      await ask('task.cancel', { taskId });
      if (often(0.5)) break;
      await ask('task.reopen', { taskId, reason: 'after all' });
    }
    const { lease } = await ask('task.execute', { taskId });
    for (let value = 1; value <= 3 && often(0.8); value += 1) await ask('task.progress', { taskId, lease: lease.id, value, total: 3 });
    if (often(0.3)) await ask('task.note', { taskId, text: 'n'.repeat(Math.floor(random() * 400) + 1) });
    if (often(0.1)) {
      await ask('task.fail', { taskId, lease: lease.id, error: { message: 'no', retryable: false } });
      await ask('task.retry', { taskId });
      await ask('task.execute', { taskId });
    }
    await ask('task.complete', { taskId, summary: `done ${index}`, ...(often(0.2) ? { detailedWork: 'w'.repeat(500) } : {}) });
  }
  await ask('task.cancel', { taskId: root, subtree: true }).catch(ignoreTransition);
  if (often(0.3)) await ask('task.archive', { taskId: root });
  else if (often(0.1)) await ask('task.delete', { taskId: root });
}

/** A root that rolls up is completed by then. */
function ignoreTransition(error: unknown): void {
  if (!(error instanceof RefusedError) || error.reason !== 'INVALID_TRANSITION') throw error;
}
