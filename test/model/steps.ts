import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isReady as isReadyNow } from '../../src/machines/readings.ts';
import type { Act } from './acts.ts';
import { perform } from './perform.ts';
import { checkRecords } from './invariants.ts';
import { moves, mutations } from './moves.ts';
import type { Move } from './moves.ts';
import type { World } from './reference.ts';
import type { Outcome, Request, ServiceUnderTest } from './service-under-test.ts';
import { compare } from './views.ts';

/** Steps of a run: each does the same to the reference and to the service, and then compares everything. */

interface Model {
  world: World;
  names: number;
}

export type Step = fc.AsyncCommand<Model, ServiceUnderTest>;

async function check(model: Model, real: ServiceUnderTest): Promise<void> {
  compare(real, model.world, await real.records());
  // What opens again after its due date has a TIMER to take at once.
  if (model.world.ticked) await real.service.timers.tick();
  const records = await real.records();
  compare(real, model.world, records);
  checkRecords(records, model.world.now, model.world.ticked);
  real.checkEvents(records, ({ snapshot }) => isReadyNow(snapshot));
  const { items } = await real.service.ask('task.ready', {});
  const ready = [...records.values()].filter(({ snapshot }) => isReadyNow(snapshot)).map(({ id }) => id);
  assert.deepEqual(items.map(({ id }) => id as string).sort(), ready.sort());
}

/** Runs a step; a failure tells what led to it. */
function step(title: string, can: (model: Model) => boolean, run: (model: Model, real: ServiceUnderTest) => Promise<void>): Step {
  return {
    check: can,
    toString: () => title,
    async run(model, real) {
      try {
        await run(model, real);
        await check(model, real);
      } catch (error) {
        throw new Error(`after\n  ${real.trace.join('\n  ')}\n${String(error)}`, { cause: error });
      }
    },
  };
}

const resolve = (move: Move, model: Model, names = { made: model.names }): Act | null =>
  move.resolve(model.world, () => `t${(names.made += 1)}`);

function remember(real: ServiceUnderTest, request: Request, outcome: Outcome, changed: boolean): void {
  real.sent.push({ request, remembered: outcome.refused === null && changed });
}

/** Executing again as the holder answers without changing anything, so nothing remembers it. */
const changes = (world: World, act: Act): boolean => act.act !== 'execute' || world.tasks.get(act.task)?.status !== 'in_progress';

export const one = (move: Move): Step =>
  step(
    'one',
    (model) => resolve(move, model) !== null,
    async (model, real) => {
      const names = { made: model.names };
      const act = resolve(move, model, names);
      if (act === null) return;
      model.names = names.made;
      if (act.act === 'advance') {
        real.trace.push(JSON.stringify(act));
        real.clock.advance(act.ms);
        if (act.tick) await real.service.timers.tick();
        model.world = perform(model.world, act).world;
        return;
      }
      const request = real.request(act, model.world, true);
      const outcome = await real.send(request);
      real.trace.push(`${JSON.stringify(act)} ${outcome.refused ?? 'ok'}`);
      const done = perform(model.world, real.learn(request, outcome));
      assert.equal(outcome.refused, done.refused);
      remember(real, request, outcome, changes(model.world, act));
      model.world = done.world;
    },
  );

/** The answer to a command that was carried out before; a lease that it gave can be over by now. */
function checkRepeated({ method }: Request, outcome: Outcome): void {
  const gaveLease = method === 'task.execute' || method === 'task.claim' || method === 'task.progress';
  if (outcome.refused === null) assert.equal(outcome.answer.repeated, true, `${method} was carried out twice`);
  else assert(gaveLease && outcome.refused === 'STALE_LEASE', `sent again: ${outcome.refused}`);
}

/** One command twice at once takes effect once. */
const twice = (move: Move): Step =>
  step(
    'twice',
    (model) => {
      const act = resolve(move, model);
      return act !== null && act.act !== 'advance';
    },
    async (model, real) => {
      const names = { made: model.names };
      const act = resolve(move, model, names);
      if (act === null || act.act === 'advance') return;
      model.names = names.made;
      const request = real.request(act, model.world, true);
      const [first, second] = await Promise.all([real.send(request), real.send(request)]);
      real.trace.push(`twice at once: ${JSON.stringify(act)} ${first.refused ?? 'ok'} ${second.refused ?? 'ok'}`);
      const done = perform(model.world, real.learn(request, first));
      assert.equal(first.refused, done.refused);
      if (done.refused !== null) assert.equal(second.refused, done.refused);
      else checkRepeated(request, second);
      remember(real, request, first, changes(model.world, act));
      model.world = done.world;
    },
  );

/** Two commands at once are taken in one order or the other. */
const pair = (moveA: Move, moveB: Move): Step => {
  const both = (model: Model, names = { made: model.names }) => [resolve(moveA, model, names), resolve(moveB, model, names)] as const;
  const fits = (model: Model) => {
    const [a, b] = both(model);
    return a !== null && b !== null && (a.act !== 'make' || b.act !== 'make');
  };
  return step('pair', fits, async (model, real) => {
    const names = { made: model.names };
    const [a, b] = both(model, names);
    model.names = names.made;
    if (a === null || b === null || a.act === 'advance' || b.act === 'advance') return;
    const requests = [real.request(a, model.world, false), real.request(b, model.world, false)] as const;
    const outcomes = await Promise.all([real.send(requests[0]), real.send(requests[1])]);
    real.trace.push(`at once: ${JSON.stringify(a)} ${outcomes[0].refused ?? 'ok'}, ${JSON.stringify(b)} ${outcomes[1].refused ?? 'ok'}`);
    const acts = [real.learn(requests[0], outcomes[0]), real.learn(requests[1], outcomes[1])] as const;
    const records = await real.records();
    const serial = (order: readonly [0 | 1, 0 | 1]): World => {
      let { world } = model;
      for (const index of order) {
        const [act, { refused }] = [acts[index], outcomes[index]];
        remember(real, requests[index], outcomes[index], changes(world, act));
        // A claim looks at the list first; what the other command makes ready meanwhile it is not told of.
        if (act.act === 'claim' && refused === 'NOTHING_READY') continue;
        const done = perform(world, act);
        // Who asks for the lease that it holds reads it when it is durable; by then the other command may have ended it.
        const ended = refused === 'STALE_LEASE' && !changes(world, act);
        assert.equal(ended ? null : refused, done.refused);
        world = done.world;
      }
      compare(real, world, records);
      return world;
    };
    const known = real.sent.length;
    try {
      model.world = serial([0, 1]);
    } catch (error) {
      real.sent.length = known;
      try {
        model.world = serial([1, 0]);
      } catch {
        throw error;
      }
    }
  });
};

const again = (back: number, changed: boolean): Step =>
  step(
    'again',
    () => true,
    async (model, real) => {
      const sent = real.sent.at(-1 - back);
      if (sent === undefined) return;
      const { request, remembered } = sent;
      // Whether an old ifRev fits by now is not the reference's to know.
      if (!remembered && 'ifRev' in request.params) return;
      const other = changed && remembered ? different(request) : request;
      const outcome = await real.send(other);
      real.trace.push(
        `again${other === request ? '' : ', with another payload'}: ${JSON.stringify(request.act)} ${outcome.refused ?? 'ok'}`,
      );
      if (other !== request) return assert.equal(outcome.refused, 'COMMAND_REUSED');
      if (remembered) return checkRepeated(request, outcome);
      const done = perform(model.world, real.learn(request, outcome));
      assert.equal(outcome.refused, done.refused);
      sent.remembered = outcome.refused === null && changes(model.world, request.act);
      model.world = done.world;
    },
  );

function different(request: Request): Request {
  const { params } = request;
  for (const member of ['title', 'summary', 'text', 'reason', 'answer'])
    if (member in params) return { ...request, params: { ...params, [member]: 'something else' } };
  if ('leaseMs' in params) return { ...request, params: { ...params, leaseMs: 90_000 } };
  return request;
}

const restart: Step = step(
  'restart',
  () => true,
  async (_model, real) => {
    real.trace.push('restart');
    await real.restart();
  },
);

const mutation = fc.oneof(...mutations);

export const steps: fc.Arbitrary<Step>[] = [
  ...moves.map((move) => move.map(one)),
  mutation.map(twice),
  fc.tuple(mutation, mutation).map(([a, b]) => pair(a, b)),
  fc.tuple(mutation, mutation).map(([a, b]) => pair(a, b)),
  fc.tuple(fc.nat(5), fc.boolean()).map(([back, changed]) => again(back, changed)),
  fc.constant(restart),
];
