import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Link } from '../../src/client/link.ts';
import type { TaskId } from '../../src/ids.ts';
import { serve } from '../crash/service-run.ts';
import type { Serving } from '../crash/service-run.ts';
import { clientOf } from '../client/running.ts';

/** Built services over one database, and clients that go to another one when theirs is gone. */
export interface Cluster {
  readonly nodes: Serving[];
  /** Starts a node, with the tokens of the first. */
  add(): Promise<Serving>;
  /** A client that begins at the node of that number and goes on to the next that answers. */
  client(first: number, worker: string): Link;
}

export async function cluster(command: string, store: string, count: number): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-cluster-'));
  const nodes: Serving[] = [];
  onTestFinished(async () => {
    for (const { child, exit } of nodes) {
      child.kill('SIGKILL');
      await exit;
    }
    await rm(folder, { recursive: true, force: true });
  });
  const add = async (): Promise<Serving> => {
    const data = join(folder, `node-${nodes.length}`);
    const first = join(folder, 'node-0');
    if (nodes.length > 0) {
      await mkdir(data);
      for (const name of ['token', 'tokens.json']) await copyFile(join(first, name), join(data, name));
    }
    const node = await serve(command, data, { TROUPE_STORE: store });
    nodes.push(node);
    return node;
  };
  for (let n = 0; n < count; n++) await add();
  return {
    nodes,
    add,
    client(first, worker) {
      let next = first;
      const { client } = clientOf(
        async () => {
          const node = nodes[next++ % nodes.length]!;
          return { url: node.url, token: node.token };
        },
        { worker, giveUpMs: 60_000 },
      );
      return client.link;
    },
  };
}

/** What a lane was told: each member stands for an acknowledgement. */
export interface Life {
  readonly name: string;
  readonly work: string;
  taskId?: TaskId;
  executed?: true;
  completed?: true;
}

/** Lives one after the other, until it is over. */
export async function lane(link: Link, name: string, lives: Life[], over: AbortSignal): Promise<void> {
  for (let n = 0; !over.aborted; n++) {
    const life: Life = { name: `${name}-${n}`, work: `work of ${name}-${n}\n`.repeat(50) };
    lives.push(life);
    const { task } = await link.call('task.create', { title: life.name, externalId: life.name });
    life.taskId = task.id;
    await link.call('task.execute', { taskId: task.id });
    life.executed = true;
    await link.call('task.complete', { taskId: task.id, summary: life.name, detailedWork: life.work });
    life.completed = true;
  }
}
