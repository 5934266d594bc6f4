import { createHash } from 'node:crypto';
import { connect, RefusedError } from '../support/client.ts';
import type { Client, Result } from '../support/client.ts';
import { randomFrom } from '../support/random.ts';

/**
 * What clients do to a service that will be killed, and what must be there afterwards. Each life is a plan of two tasks, the second
 * waiting for the first; the first is executed and completed with an artifact of 0.5 KB to 200 KB.
 */

type TaskId = Result<'task.get'>['task']['id'];

export interface Life {
  readonly name: string;
  readonly work: string;
  rootId?: TaskId;
  tasks?: Readonly<Record<string, TaskId>>;
  lease?: string;
  /** The last step that was acknowledged. */
  acknowledged: 'nothing' | 'plan' | 'execute' | 'complete';
}

export function lifeOf(name: string, seed: number): Life {
  const random = randomFrom(seed);
  const size = random() < 0.2 ? 66_000 + random() * 134_000 : 512 + random() * 8_000;
  return {
    name,
    work: `work of ${name}, grün 🚀, `
      .repeat(Math.ceil(size / 24))
      .slice(0, size)
      .toWellFormed(),
    acknowledged: 'nothing',
  };
}

const isClosed = (error: unknown): boolean => !(error instanceof RefusedError) || error.data['retryable'] === true;

/** Carries a life as far as it gets; sending the whole of it again carries it to its end, with the same command ids. */
export async function live(client: Client, life: Life): Promise<boolean> {
  const { name } = life;
  try {
    const plan = await client.request('task.plan', {
      commandId: `${name}-plan`,
      title: `Plan ${name}`,
      tasks: [
        { ref: 'first', title: 'First' },
        { ref: 'second', title: 'Second', dependsOn: ['first'] },
      ],
    });
    if (life.acknowledged === 'nothing') life.acknowledged = 'plan';
    life.rootId = plan.task.id;
    life.tasks = plan.tasks;
    const taskId = plan.tasks['first'];
    if (taskId === undefined) throw new TypeError('the plan has no first task');
    if (life.acknowledged !== 'complete') {
      const executed = await client.request('task.execute', { commandId: `${name}-execute`, taskId }).catch((error: unknown) => {
        // The completion may have been committed without its answer; then the claim that is sent again is over.
        if (error instanceof RefusedError && error.reason === 'STALE_LEASE') return null;
        throw error;
      });
      if (executed !== null) life.lease = executed.lease.id;
      if (life.acknowledged === 'plan') life.acknowledged = 'execute';
    }
    await client.request('task.complete', {
      commandId: `${name}-complete`,
      taskId,
      summary: `done ${name}`,
      detailedWork: life.work,
      ...(life.lease === undefined ? {} : { lease: life.lease as `l_${string}` }),
    });
    life.acknowledged = 'complete';
    return true;
  } catch (error) {
    if (isClosed(error)) return false;
    throw error;
  }
}

/** What is wrong, in lines: something acknowledged that is not there, a unit of which only a part is there, a damaged artifact. */
export async function faultsOf(url: string, token: string, lives: readonly Life[]): Promise<readonly string[]> {
  const client = await connect(url, token, { worker: 'check' });
  const faults: string[] = [];
  for (const life of lives) {
    if (life.acknowledged === 'nothing' || life.tasks === undefined || life.rootId === undefined) continue;
    const { first, second } = life.tasks;
    if (first === undefined || second === undefined) continue;
    const tasks = await Promise.all([life.rootId, first, second].map((taskId) => client.request('task.get', { taskId }).catch(() => null)));
    const [root, one, two] = tasks.map((answer) => answer?.task);
    if (root === undefined || one === undefined || two === undefined) {
      faults.push(`${life.name}: a part of its plan is gone`);
      continue;
    }
    const completed = one.status === 'completed';
    if (life.acknowledged === 'complete' && !completed) faults.push(`${life.name}: completed, and now ${one.status}`);
    if (life.acknowledged === 'execute' && one.attempt === 0) faults.push(`${life.name}: executed, and now without an attempt`);
    // One unit: the completion, its artifact, the dependent's entry, the parent's counter.
    if ((two.dependsOn[0]?.status === 'satisfied') !== completed) faults.push(`${life.name}: the dependent does not agree`);
    if (root.children.completed !== (completed ? 1 : 0)) faults.push(`${life.name}: the parent does not agree`);
    if (!completed) continue;
    const [artifact] = one.artifacts;
    if (artifact === undefined) {
      faults.push(`${life.name}: completed without its artifact`);
      continue;
    }
    const hash = createHash('sha256');
    for (let offset: number | null = 0; offset !== null;) {
      const page: Result<'artifact.get'> = await client.request('artifact.get', { artifactId: artifact.id, offset });
      hash.update(page.content);
      offset = page.nextOffset;
    }
    if (hash.digest('hex') !== createHash('sha256').update(life.work).digest('hex')) faults.push(`${life.name}: its artifact is damaged`);
  }
  await client.close();
  return faults;
}
