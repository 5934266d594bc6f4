import { setTimeout as pause } from 'node:timers/promises';
import type { Link } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import type { Output } from '../protocol/methods.ts';
import type { CommonOptions } from './call.ts';
import { inLine } from './columns.ts';
import { connect } from './connect.ts';
import { exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { jsonOf, say } from './output.ts';
import { runCommand } from './run-command.ts';
import type { Ran } from './run-command.ts';
import { filterOf } from './task-filter.ts';
import type { FilterOptions } from './task-filter.ts';
import type { taskVariables } from './variables.ts';

export interface WorkOptions extends CommonOptions, FilterOptions {
  readonly exec: string;
  readonly concurrency: number;
  readonly untilEmpty?: true;
  readonly leaseTime: number;
}

type Execution = Output<'task.claim'>;

const mostAtOnce = 32;
/** So long a claim waits for a task, and a stop for the claim: one that is withdrawn may have been answered. */
const waitMs = 2_000;
const giveUpMs = 30_000;
const shortestLeaseMs = 3_000;

/** Takes tasks and runs the command for each until it is told to stop, or with `--until-empty` until nothing is ready. */
export async function work(options: WorkOptions): Promise<Exit> {
  const { concurrency, leaseTime } = options;
  if (concurrency < 1 || concurrency > mostAtOnce)
    throw new TroupeError('INVALID_PARAMS', `${concurrency} tasks at the same time can't be done`, { fix: `give 1 to ${mostAtOnce}` });
  if (leaseTime < shortestLeaseMs)
    throw new TroupeError('INVALID_PARAMS', 'the lease is too short to be renewed', { fix: 'give 3s or more' });
  const link = connect(options, { makes: true, isWorker: true, giveUpMs });
  try {
    return await new Loop(link, options).run();
  } finally {
    await link.close();
  }
}

class Loop {
  readonly #link: Link;
  readonly #options: WorkOptions;
  readonly #running = new Set<Promise<void>>();
  /** Aborts when what runs must end, too. */
  readonly #kill = new AbortController();
  #isStopping = false;
  #failed = 0;
  #fault: unknown = null;

  constructor(link: Link, options: WorkOptions) {
    this.#link = link;
    this.#options = options;
  }

  async run(): Promise<Exit> {
    const stop = (): void => {
      if (this.#isStopping) this.#kill.abort();
      else if (this.#running.size > 0) say(`Waiting for ${this.#running.size} to finish; Ctrl+C again ends them.`);
      this.#isStopping = true;
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    try {
      await this.#take();
    } finally {
      await Promise.all(this.#running);
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
    if (this.#fault !== null) throw this.#fault;
    return this.#options.untilEmpty === true && this.#failed > 0 ? exits.failed : exits.ok;
  }

  async #take(): Promise<void> {
    const { concurrency, untilEmpty } = this.#options;
    while (!this.#isStopping && this.#fault === null) {
      if (this.#running.size >= concurrency) {
        await Promise.race(this.#running);
        continue;
      }
      const execution = await this.#claim();
      if (execution !== null) this.#begin(execution);
      // What runs may make something ready.
      else if (untilEmpty === true && this.#running.size === 0) return;
      else if (untilEmpty === true) await Promise.race(this.#running);
    }
  }

  async #claim(): Promise<Execution | null> {
    const { leaseTime, untilEmpty } = this.#options;
    try {
      const wait = untilEmpty === true ? 0 : waitMs;
      return await this.#link.call('task.claim', { filter: filterOf(this.#options), leaseMs: leaseTime, waitMs: wait });
    } catch (error) {
      if (error instanceof TroupeError && error.reason === 'NOTHING_READY') return null;
      throw error;
    }
  }

  #begin(execution: Execution): void {
    const one = this.#do(execution)
      .catch((error: unknown) => void (this.#fault ??= error))
      .finally(() => this.#running.delete(one));
    this.#running.add(one);
  }

  /** One task from its claim to what became of it. */
  async #do({ task, lease, specialist }: Execution): Promise<void> {
    if (this.#options.json !== true) say(`begun ${task.id}  ${inLine(task.title)}`);
    const lost = new AbortController();
    const over = new AbortController();
    const signal = AbortSignal.any([this.#kill.signal, lost.signal]);
    const renewing = this.#renew(task.id, lease.id, over.signal).catch(() => lost.abort());
    const env: Record<keyof typeof taskVariables, string> = {
      TROUPE_TASK_ID: task.id,
      TROUPE_TASK_TITLE: task.title,
      TROUPE_LEASE_ID: lease.id,
    };
    const ran = await runCommand(this.#options.exec, { input: specialist.context, env, signal });
    over.abort();
    await renewing;
    const status = lost.signal.aborted ? 'lost' : await this.#end(task, lease.id, ran);
    if (status !== 'completed') this.#failed += 1;
    const line = { id: task.id, status, title: task.title, error: ran.fault };
    if (this.#options.json === true) process.stdout.write(`${jsonOf(line)}\n`);
    else process.stdout.write(`${task.id}  ${status}  ${inLine(task.title)}${ran.fault === null ? '' : `  ${inLine(ran.fault)}`}\n`);
  }

  /** Tells the work, or why there is none. A completion that is refused fails the attempt, with the refusal. */
  async #end(done: Execution['task'], lease: Execution['lease']['id'], ran: Ran): Promise<string> {
    const { id: taskId, acceptance } = done;
    try {
      if (ran.fault === null) {
        // The command judges its own work: 0 says that every criterion is met.
        const met = acceptance.map(() => ({ met: true }));
        const detailedWork = ran.output === '' ? undefined : ran.output;
        const { task } = await this.#link.call('task.complete', { taskId, lease, summary: ran.summary, acceptance: met, detailedWork });
        return task.status;
      }
      const { task } = await this.#link.call('task.fail', { taskId, lease, error: { message: ran.fault } });
      return task.status;
    } catch (error) {
      if (!(error instanceof TroupeError) || error.retryable) throw error;
      say(`${taskId}: ${error.message}`);
      if (ran.fault !== null || error.reason === 'STALE_LEASE') return 'lost';
      return this.#end(done, lease, { ...ran, fault: error.message });
    }
  }

  async #renew(taskId: Execution['task']['id'], lease: Execution['lease']['id'], over: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await pause(this.#options.leaseTime / 3, undefined, { signal: over });
      } catch {
        return;
      }
      await this.#link.call('task.progress', { taskId, lease });
    }
  }
}
