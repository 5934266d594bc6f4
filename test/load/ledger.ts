import { createHash } from 'node:crypto';
import { RefusedError } from '../support/client.ts';
import type { Result } from '../support/client.ts';
import type { Wire } from './wire.ts';

/** What was acknowledged, so that it can be looked for after a crash. Only of the newest tasks: a soak makes a great many. */

export type Task = Result<'task.get'>['task'];
type TaskId = Task['id'];

interface Entry {
  rev: number;
  /** The work it was completed with last, by its hash. */
  sha256: string | null;
  archived: boolean;
  /** It was asked to erase the work, and has not said yet that it did. */
  erasing: boolean;
}

const kept = 20_000;

export class Ledger {
  readonly #entries = new Map<TaskId, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** The service has said that the task is so. */
  acknowledged({ id, rev, status }: Pick<Task, 'id' | 'rev' | 'status'>, work: string | null = null): void {
    const before = this.#entries.get(id);
    this.#entries.delete(id);
    const sha256 = work === null ? (before?.sha256 ?? null) : createHash('sha256').update(work).digest('hex');
    this.#entries.set(id, { rev, sha256, archived: status === 'archived', erasing: false });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > kept && oldest !== undefined) this.#entries.delete(oldest);
  }

  erasing(id: TaskId): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.erasing = true;
  }

  erased(id: TaskId): void {
    this.#entries.delete(id);
  }

  /** What the service does not have any more, in lines; every `step`th task is looked at. */
  async faults(wire: Wire, step = 1): Promise<string[]> {
    const faults: string[] = [];
    const asked = [...this.#entries].filter((_, index) => index % step === 0);
    for (let from = 0; from < asked.length; from += 50)
      await Promise.all(asked.slice(from, from + 50).map(async ([id, entry]) => faults.push(...(await this.#faultsOf(wire, id, entry)))));
    return faults;
  }

  async #faultsOf(wire: Wire, taskId: TaskId, { rev, sha256, archived, erasing }: Entry): Promise<string[]> {
    try {
      const { task } = await wire.ask('task.get', { taskId });
      const faults: string[] = [];
      if (task.rev < rev) faults.push(`${taskId}: acknowledged at revision ${rev}, and now at ${task.rev}`);
      if (archived && task.status !== 'archived') faults.push(`${taskId}: archived, and now ${task.status}`);
      if (sha256 === null || (erasing && task.status === 'archived')) return faults;
      const artifact = task.artifacts.at(-1);
      if (artifact === undefined) return [...faults, `${taskId}: its work is gone`];
      const hash = createHash('sha256');
      for (let offset: number | null = 0; offset !== null;) {
        const page: Result<'artifact.get'> = await wire.ask('artifact.get', { artifactId: artifact.id, offset });
        hash.update(page.content);
        offset = page.nextOffset;
      }
      return hash.digest('hex') === sha256 ? faults : [...faults, `${taskId}: its work is another`];
    } catch (error) {
      if (error instanceof RefusedError) return [`${taskId}: ${error.message}`];
      throw error;
    }
  }
}
