import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import { TroupeError, catalogue } from '../../../src/errors.ts';
import { wireOf } from '../../../src/fixes.ts';
import type { ErrorDetails, Reason } from '../../../src/errors.ts';
import type { ArtifactId, TaskId } from '../../../src/ids.ts';
import { createMemoryStore } from '../../../src/persistence/memory/store.ts';
import type { Store } from '../../../src/persistence/store.ts';
import { aliases, methods } from '../../../src/protocol/methods.ts';
import type { MethodName, Output } from '../../../src/protocol/methods.ts';
import type { Task } from '../../../src/protocol/task.ts';
import type { Caller } from '../../../src/use-cases/caller.ts';
import type { ServiceOptions } from '../../../src/use-cases/service.ts';
import { anyone, createManualClock, startService, worker } from '../../support/service.ts';
import type { Asked, ManualClock, TestService } from '../../support/service.ts';
import { expectConsistent } from './consistency.ts';

/** The application over a store of each kind, every answer checked against its row, and all that is stored checked at the end. */

type OpenStore = (clock: ManualClock) => Promise<{ readonly store: Store; readonly discard: () => Promise<void> }>;

/** The stores that every test here runs over. */
const stores: readonly (readonly [string, OpenStore])[] = [
  [
    'memory',
    async (clock) => {
      const store = createMemoryStore({ clock });
      return { store, discard: () => store.close() };
    },
  ],
];

/** A refusal as a client reads it. */
type Refusal = ErrorDetails & {
  readonly code: number;
  readonly message: string;
  readonly reason: Reason;
  readonly fix: string;
  readonly retryable: boolean;
};

type Fields = Omit<Asked<'task.create'>, 'title'> & { title?: string };

export interface CheckedService extends TestService {
  readonly open: OpenStore;
  /** A request of a table, whose method no type knows. */
  send(method: string, params: unknown, caller?: Caller): Promise<Readonly<Record<string, unknown>>>;
  /** The refusal of a request that must be refused. */
  refused(method: string, params: unknown, caller?: Caller): Promise<Refusal>;
  /** As `refused`, and nothing has changed by it. */
  refusedAndUnchanged(method: string, params: unknown, caller?: Caller): Promise<Refusal>;
  /** Makes a task. */
  create(fields?: Fields, caller?: Caller): Promise<TaskId>;
  /** Makes a breakdown; the answer gives ids by ref, and the top task's by the empty one. */
  plan(fields: Fields & Pick<Asked<'task.plan'>, 'tasks'>, caller?: Caller): Promise<(ref: string) => TaskId>;
  task(id: TaskId): Promise<Task>;
  /** Executes and completes a task. */
  finish(id: TaskId, fields?: Partial<Asked<'task.complete'>>): Promise<Output<'task.complete'>>;
  /** Lets time pass, and everyone whose time came hear of it. */
  pass(ms: number): Promise<void>;
  /** Uploads a text and answers the id to claim it by. */
  upload(content: string, caller?: Caller): Promise<ArtifactId>;
}

interface StartOptions extends Partial<Omit<ServiceOptions, 'store'>> {
  /** Instead of a store of its own. */
  readonly store?: Store;
  /** Leave the look at everything stored out, where there is too much of it. */
  readonly unchecked?: boolean;
}

export type Start = (options?: StartOptions) => Promise<CheckedService>;

/** Defines the tests once for each kind of store. */
export function overStores(name: string, define: (start: Start) => void): void {
  describe.each(stores)(`${name}, %s store`, (_, open) => {
    define((options = {}) => startChecked(open, options));
  });
}

/** Parses the answer as the client of the row would; it must lose nothing by that, nor by going through JSON. */
function checkAnswer(method: string, answer: unknown): Readonly<Record<string, unknown>> {
  const name = aliases[method] ?? method;
  const row = Object.entries(methods).find(([known]) => known === name)?.[1];
  if (row === undefined) throw new Error(`no row for ${method}`);
  const sent: unknown = JSON.parse(JSON.stringify(answer));
  const read: unknown = row.output.parse(sent);
  if (!isDeepStrictEqual(read, sent)) expect(sent, `the answer to ${method} says more than its row`).toEqual(read);
  expect(sent).toEqual(answer);
  return object.parse(sent);
}

const object = z.record(z.string(), z.unknown());

/** What became of requests that were sent together: their answers, and the reasons of those that were refused. */
export async function settle<T>(requests: readonly Promise<T>[]): Promise<{ readonly answers: T[]; readonly reasons: Reason[] }> {
  const answers: T[] = [];
  const reasons: Reason[] = [];
  for (const result of await Promise.allSettled(requests)) {
    if (result.status === 'fulfilled') answers.push(result.value);
    else if (result.reason instanceof TroupeError) reasons.push(result.reason.reason);
    else throw result.reason;
  }
  return { answers, reasons };
}

async function startChecked(open: OpenStore, options: StartOptions): Promise<CheckedService> {
  const { unchecked = false, store: given, ...rest } = options;
  const clock = createManualClock();
  const { store, discard } = given === undefined ? await open(clock) : { store: given, discard: async () => {} };
  const service = await startService({ ...rest, store, clock });
  onTestFinished(async () => {
    if (!unchecked) await expectConsistent(store, service.log);
    await service.close();
    await discard();
  });

  const ask = async <M extends MethodName>(method: M, params: Asked<M>, caller: Caller = anyone): Promise<Output<M>> => {
    const answer = await service.ask(method, params, caller);
    checkAnswer(method, answer);
    return answer;
  };

  const refused = async (method: string, params: unknown, caller: Caller = anyone): Promise<Refusal> => {
    let answer: unknown;
    try {
      answer = await service.dispatch(method, params, caller);
    } catch (error) {
      if (!(error instanceof TroupeError)) throw error;
      const { code, message, data } = wireOf(error);
      const { code: known, retryable } = catalogue[data.reason];
      expect({ code, retryable: data.retryable }).toEqual({ code: known, retryable });
      expect([message, data.fix].every((text) => text.trim().length > 3)).toBe(true);
      return { code, message, ...data };
    }
    throw new Error(`${method} was not refused: ${JSON.stringify(answer).slice(0, 300)}`);
  };

  const measure = async () => ({ end: service.log.end, head: service.log.head, counts: await store.counts() });

  return {
    ...service,
    open,
    ask,
    send: async (method, params, caller = anyone) => checkAnswer(method, await service.dispatch(method, params, caller)),
    refused,
    async refusedAndUnchanged(method, params, caller) {
      const before = await measure();
      const refusal = await refused(method, params, caller);
      expect(await measure()).toEqual(before);
      return refusal;
    },
    create: async (fields = {}, caller = anyone) => (await ask('task.create', { title: 'A task', ...fields }, caller)).task.id,
    async plan(fields, caller = anyone) {
      const { task, tasks } = await ask('task.plan', { title: 'A plan', ...fields }, caller);
      return (ref) => {
        const id = ref === '' ? task.id : tasks[ref];
        if (id === undefined) throw new Error(`no task of the plan is called ${ref}`);
        return id;
      };
    },
    task: async (taskId) => (await ask('task.get', { taskId })).task,
    async finish(taskId, fields = {}) {
      const caller = worker('finisher');
      await ask('task.execute', { taskId }, caller);
      return ask('task.complete', { summary: 'done', ...fields, taskId }, caller);
    },
    async pass(ms) {
      clock.advance(ms);
      await service.timers.tick();
    },
    async upload(content, caller = anyone) {
      const { uploadId } = await ask('artifact.begin', { type: 'code', name: 'work.ts' }, caller);
      await ask('artifact.append', { uploadId, offset: 0, content }, caller);
      return (await ask('artifact.finish', { uploadId, sha256: sha256(content) }, caller)).artifactId;
    },
  };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
