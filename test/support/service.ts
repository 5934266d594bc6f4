import { hash, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import { openTemplates } from '../../src/config/templates.ts';
import type { MethodName, Output } from '../../src/protocol/methods.ts';
import type { Store } from '../../src/persistence/store.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { builtinRoles } from '../../src/specialists/builtin.ts';
import { createCatalogue } from '../../src/specialists/role.ts';
import type { Caller } from '../../src/use-cases/caller.ts';
import { openService } from '../../src/use-cases/service.ts';
import type { Service, ServiceOptions } from '../../src/use-cases/service.ts';
import type { methods } from '../../src/protocol/methods.ts';
import type * as z from 'zod';

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  return { now: () => now, advance: (ms) => void (now += ms) };
}

export const roles = createCatalogue(builtinRoles, (text) => hash('sha256', text));

/** Of a folder that does not exist until somebody writes there: who writes templates brings a folder of its own. */
const templates = openTemplates(join(tmpdir(), `troupe-none-${randomUUID()}`));

export const anyone: Caller = { name: 'test', scopes: ['read', 'write', 'admin'], projects: null };
export const worker = (name: string): Caller => ({ ...anyone, worker: name });

export type Asked<M extends MethodName> = z.input<(typeof methods)[M]['input']>;

export interface TestService extends Service {
  readonly store: Store;
  readonly clock: ManualClock;
  /** One typed request, as `anyone` unless said otherwise. */
  ask<M extends MethodName>(method: M, params: Asked<M>, caller?: Caller): Promise<Output<M>>;
}

/** The whole application over a store of its own, with a clock that only the test moves. */
export async function startService(options: Partial<ServiceOptions> & { clock?: ManualClock } = {}): Promise<TestService> {
  const { clock = createManualClock(), store = createMemoryStore({ clock }), ...rest } = options;
  const service = await openService({ store, roles, templates, version: 'test', graceMs: 0, pollMs: 1_000_000, ...rest });
  const ask = async <M extends MethodName>(method: M, params: Asked<M>, caller: Caller = anyone): Promise<Output<M>> =>
    (await service.dispatch(method, params, caller)) as Output<M>;
  return { ...service, store, clock, ask };
}
