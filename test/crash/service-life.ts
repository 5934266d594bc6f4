import { createHash } from 'node:crypto';
import { RefusedError } from '../support/client.ts';
import type { Client, Result } from '../support/client.ts';
import { randomFrom } from '../support/random.ts';

/**
 * What a client does to a service that will be killed. Each life is a plan of two tasks, the second waiting for the first; the first
 * is executed and completed with work of 0.5 KB to 5 MB, what is large as an upload. Some are archived in the end, some deleted.
 */

export type TaskId = Result<'task.get'>['task']['id'];
type ArtifactId = Result<'artifact.finish'>['artifactId'];
export type Step = 'plan' | 'execute' | 'upload' | 'complete' | 'cancel' | 'archive' | 'delete';

export interface Life {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Length of its work, in characters. */
  readonly size: number;
  /** How many of its steps were acknowledged. */
  acknowledged: number;
  /** What the acknowledgements told. */
  root?: TaskId;
  first?: TaskId;
  second?: TaskId;
  lease?: `l_${string}`;
  artifact?: ArtifactId;
  /** What a command that was sent again was answered, when it was taken a second time. */
  readonly repetitions: string[];
}

const largestMessage = 200_000;

function sizeOf(random: () => number): number {
  const kind = random();
  if (kind < 0.85) return Math.floor(512 + random() * 7_500);
  return Math.floor(kind < 0.98 ? 60_000 + random() * 130_000 : largestMessage + random() * 4_800_000);
}

export function lifeOf(name: string, seed: number): Life {
  const random = randomFrom(seed);
  const size = sizeOf(random);
  const steps: Step[] = ['plan', 'execute'];
  if (size >= largestMessage) steps.push('upload');
  steps.push('complete');
  const end = random();
  if (end < 0.35) steps.push('cancel', 'archive');
  else if (end < 0.65) steps.push('delete');
  return { name, steps, size, acknowledged: 0, repetitions: [] };
}

/** Every line is another one, so that no byte can be elsewhere unseen. */
function workOf({ name, size }: Life): string {
  const lines: string[] = [];
  for (let length = 0, n = 0; length < size; n++) {
    const line = `${name}, grün 🚀, line ${n}\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join('').slice(0, size).toWellFormed();
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const hashes = new WeakMap<Life, string>();

/** Of its work, which is made again only to be sent. */
export function workHashOf(life: Life): string {
  const hash = hashes.get(life) ?? hashOf(workOf(life));
  hashes.set(life, hash);
  return hash;
}

export const isAcknowledged = (life: Life, step: Step): boolean => {
  const place = life.steps.indexOf(step);
  return place >= 0 && place < life.acknowledged;
};

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('an earlier step did not tell it');
  return value;
}

/** Sends a step; resolves with whether the service said that it had been taken before. */
type Perform = (client: Client, life: Life) => Promise<boolean>;

const performs: Readonly<Record<Step, Perform>> = {
  async plan(client, life) {
    const { task, tasks, repeated } = await client.request('task.plan', {
      commandId: `${life.name}-plan`,
      title: life.name,
      tasks: [
        { ref: 'first', title: 'First' },
        { ref: 'second', title: 'Second', dependsOn: ['first'] },
      ],
    });
    life.root = task.id;
    life.first = known(tasks['first']);
    life.second = known(tasks['second']);
    return repeated === true;
  },
  async execute(client, life) {
    try {
      const { lease, repeated } = await client.request('task.execute', { commandId: `${life.name}-execute`, taskId: known(life.first) });
      life.lease = lease.id;
      return repeated === true;
    } catch (error) {
      // The completion may have been committed without its answer; then the claim that is sent again is over.
      if (error instanceof RefusedError && error.reason === 'STALE_LEASE') return true;
      throw error;
    }
  },
  async upload(client, life) {
    // An upload has no command id: what was acknowledged is there, and anything else begins anew.
    if (isAcknowledged(life, 'upload')) return true;
    const work = workOf(life);
    const { uploadId } = await client.request('artifact.begin', { name: 'work.md' });
    let offset = 0;
    for (const [content] of work.matchAll(/[^]{1,60000}/gu)) {
      offset = (await client.request('artifact.append', { uploadId, offset, content })).offset;
    }
    life.artifact = (await client.request('artifact.finish', { uploadId, sha256: workHashOf(life) })).artifactId;
    return false;
  },
  async complete(client, life) {
    const { artifacts, repeated } = await client.request('task.complete', {
      commandId: `${life.name}-complete`,
      taskId: known(life.first),
      summary: `done ${life.name}`,
      ...(life.steps.includes('upload') ? { artifacts: [{ artifactId: known(life.artifact) }] } : { detailedWork: workOf(life) }),
      ...(life.lease === undefined ? {} : { lease: life.lease }),
    });
    // Of a completion that is sent again after its task was deleted nothing is left to tell.
    const [kept] = artifacts;
    if (kept !== undefined) life.artifact = kept.id;
    return repeated === true;
  },
  async cancel(client, life) {
    const command = { commandId: `${life.name}-cancel`, taskId: known(life.root), reason: 'enough', subtree: true };
    return (await client.request('task.cancel', command)).repeated === true;
  },
  async archive(client, life) {
    return (await client.request('task.archive', { commandId: `${life.name}-archive`, taskId: known(life.root) })).repeated === true;
  },
  async delete(client, life) {
    const command = { commandId: `${life.name}-delete`, taskId: known(life.root), force: true };
    return (await client.request('task.delete', command)).repeated === true;
  },
};

/**
 * Carries a life on to its end; the last acknowledged step is sent once more, with the same command id. Answers whether it got there
 * before the connection ended.
 */
export async function live(client: Client, life: Life, onAcknowledged: () => void = () => {}): Promise<boolean> {
  for (let place = Math.max(0, life.acknowledged - 1); place < life.steps.length; place++) {
    const step = known(life.steps[place]);
    const wasAcknowledged = place < life.acknowledged;
    try {
      const repeated = await performs[step](client, life);
      if (wasAcknowledged && !repeated) life.repetitions.push(`${life.name}: ${step} took effect twice`);
    } catch (error) {
      // A refusal is not what a service does that is merely killed.
      if (error instanceof RefusedError || error instanceof TypeError) throw error;
      return false;
    }
    if (wasAcknowledged) continue;
    life.acknowledged = place + 1;
    onAcknowledged();
  }
  return true;
}
