import type { Link } from '../client/link.ts';
import type { Run } from '../client/run.ts';
import { Worker } from '../client/work.ts';
import { TroupeError } from '../errors.ts';
import type { CommonOptions } from './call.ts';
import { inLine } from './columns.ts';
import { connect } from './connect.ts';
import { exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { jsonOf, say } from './output.ts';
import { runCommand } from './run-command.ts';
import type { Ran } from './run-command.ts';
import { filterOf } from './task-filter.ts';
import type { FilterOptions, ListFilter } from './task-filter.ts';
import type { taskVariables } from './variables.ts';

export interface WorkOptions extends CommonOptions, FilterOptions {
  readonly exec: string;
  readonly concurrency: number;
  readonly untilEmpty?: true;
  readonly leaseTime: number;
}

const mostAtOnce = 32;
const giveUpMs = 30_000;
const shortestLeaseMs = 3_000;

/** Takes tasks and runs the command for each until it is told to stop, or with `--until-empty` until nothing is ready. */
export async function work(options: WorkOptions): Promise<Exit> {
  const { concurrency, leaseTime } = options;
  if (concurrency < 1 || concurrency > mostAtOnce)
    throw new TroupeError('INVALID_PARAMS', `${concurrency} tasks at the same time can't be done`, { fix: `give 1 to ${mostAtOnce}` });
  if (options.exec.trim() === '') throw new TroupeError('INVALID_PARAMS', '--exec names no command', { fix: 'name what does the work' });
  if (leaseTime < shortestLeaseMs)
    throw new TroupeError('INVALID_PARAMS', 'the lease is too short to be renewed', { fix: 'give 3s or more' });
  const link = connect(options, { makes: false, isWorker: true, giveUpMs });
  try {
    // A worker waits for a service that comes back; one that is not there is a mistake.
    await link.ping();
    return await new Commands(link, await filterOf(link, options), options).run();
  } finally {
    await link.close();
  }
}

/** The commands that are run, one for each task. */
class Commands {
  readonly #link: Link;
  readonly #filter: ListFilter;
  readonly #options: WorkOptions;
  /** Aborts when what runs must end, too. The worker's own end would not wait for the commands. */
  readonly #kill = new AbortController();
  #running = 0;
  #failed = 0;
  #fault: unknown = null;

  constructor(link: Link, filter: ListFilter, options: WorkOptions) {
    this.#link = link;
    this.#filter = filter;
    this.#options = options;
  }

  async run(): Promise<Exit> {
    const { concurrency, leaseTime, untilEmpty } = this.#options;
    /** Claims nothing more. What became of the worker is told by `done`. */
    const finish = (): void => void worker.stop().catch(() => {});
    const worker = new Worker(this.#link, this.#filter, (run, signal) => this.#do(run, signal), {
      concurrency,
      leaseMs: leaseTime,
      untilEmpty,
      onError: (error) => {
        if (error instanceof TroupeError && error.reason === 'STALE_LEASE') return;
        this.#fault ??= error;
        finish();
      },
    });
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) this.#kill.abort();
      else if (this.#running > 0) say(`Waiting for ${this.#running} to finish; Ctrl+C again ends them.`);
      isStopping = true;
      finish();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    try {
      await worker.done;
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
    if (this.#fault !== null) throw this.#fault;
    return untilEmpty === true && this.#failed > 0 ? exits.failed : exits.ok;
  }

  /** One task from its claim to what became of it. */
  async #do(run: Run, signal: AbortSignal): Promise<void> {
    const { task, context } = run;
    if (this.#options.json !== true) say(`begun ${task.id}  ${inLine(task.title)}`);
    this.#running += 1;
    try {
      const env: Record<keyof typeof taskVariables, string> = {
        TROUPE_TASK_ID: task.id,
        TROUPE_TASK_TITLE: task.title,
        TROUPE_LEASE_ID: task.lease?.id ?? '',
      };
      const ends = AbortSignal.any([this.#kill.signal, signal]);
      const ran = await runCommand(this.#options.exec, { input: context.specialist.context, env, signal: ends });
      const status = run.signal.aborted ? 'lost' : await this.#end(run, ran);
      if (status !== 'completed') this.#failed += 1;
      const line = { id: task.id, status, title: task.title, error: ran.fault };
      if (this.#options.json === true) process.stdout.write(`${jsonOf(line)}\n`);
      else process.stdout.write(`${task.id}  ${status}  ${inLine(task.title)}${ran.fault === null ? '' : `  ${inLine(ran.fault)}`}\n`);
      if (status === 'lost') throw new TroupeError('STALE_LEASE', 'the task is not held any more');
    } finally {
      this.#running -= 1;
    }
  }

  /** Tells the work, or why there is none. A completion that is refused fails the attempt, with the refusal. */
  async #end(run: Run, ran: Ran): Promise<string> {
    const { id, acceptance } = run.task;
    try {
      if (ran.fault !== null) return (await run.fail(ran.fault)).status;
      // The command judges its own work: 0 says that every criterion is met.
      const met = acceptance.map(() => ({ met: true }));
      const detailedWork = ran.output === '' ? undefined : ran.output;
      return (await run.complete({ summary: ran.summary, acceptance: met, detailedWork })).task.status;
    } catch (error) {
      if (!(error instanceof TroupeError) || error.retryable) throw error;
      say(`${id}: ${error.message}`);
      if (ran.fault !== null || error.reason === 'STALE_LEASE') return 'lost';
      return this.#end(run, { ...ran, fault: error.message });
    }
  }
}
