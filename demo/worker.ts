import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { RefusedError } from '../test/support/client.ts';
import type { Result } from '../test/support/client.ts';
import { artifactTypes } from '../src/protocol/values.ts';
import type { Line } from './line.ts';

/** What the players of the demonstration bring along for each task of the plan. */
export const script = z.record(
  z.string(),
  z.object({
    type: z.enum(artifactTypes),
    summary: z.string(),
    work: z.string(),
    /** One answer per acceptance criterion. */
    acceptance: z.array(z.string()).default([]),
    /** The first attempt fails with this. */
    fails: z.string().optional(),
    /** The first attempt stops with this question for a person. */
    asks: z.string().optional(),
    /** The first round of a review ends with this. */
    sendsBack: z.string().optional(),
  }),
);

export interface Play {
  readonly rootId: string;
  readonly nameOf: (taskId: string) => string;
  readonly script: z.output<typeof script>;
}

type Execution = Result<'task.claim'>;

/** Claims and works until the plan is finished. */
export async function work(line: Line, play: Play): Promise<void> {
  for (;;) {
    const { task: root } = await line.read('task.get', { taskId: play.rootId as Execution['task']['id'] });
    if (root.status === 'completed') return;
    let execution: Execution;
    try {
      execution = await line.command('task.claim', { filter: { rootId: root.id }, waitMs: 1_000 });
    } catch (error) {
      if (error instanceof RefusedError && error.reason === 'NOTHING_READY') continue;
      throw error;
    }
    await perform(line, play, execution);
  }
}

async function perform(line: Line, play: Play, { task, specialist }: Execution): Promise<void> {
  const part = play.script[play.nameOf(task.id)];
  if (part === undefined) throw new Error(`no part for ${task.title}`);
  const taskId = task.id;
  await line.command('task.progress', { taskId, value: 1, total: 3, message: `read ${specialist.context.length} characters of context` });
  await pause(250);
  const first = task.attempt === 1;
  if (first && part.fails !== undefined) {
    await line.command('task.fail', { taskId, error: { message: part.fails, retryable: true } });
    return;
  }
  if (first && part.asks !== undefined) {
    await line.command('task.block', { taskId, question: part.asks });
    return;
  }
  await line.command('task.progress', { taskId, value: 2, total: 3, message: 'writing it down' });
  await pause(250);
  const sendBack = first ? part.sendsBack : undefined;
  await line.command('task.complete', {
    taskId,
    summary: sendBack ?? part.summary,
    detailedWork: part.work,
    artifactType: part.type,
    acceptance: part.acceptance.map((note) => ({ met: true, note })),
    ...(sendBack === undefined ? {} : { nextAction: 'needs_revision', feedback: sendBack }),
  });
}
