import type { Reason } from '../../src/errors.ts';
import type { Act, NewTask, Proof } from './acts.ts';
import {
  addEdge,
  below,
  childrenOf,
  close,
  counts,
  give,
  giveOwn,
  hasCircle,
  inherit,
  isHeldBack,
  isOpen,
  isReady,
  loosen,
  loseAttempt,
  openAgain,
  openParentOf,
  pauses,
  refuseUnless,
  Refused,
  rollsUp,
  settle,
  taskOf,
  tick,
} from './reference.ts';
import type { Name, RefTask, World } from './reference.ts';

/** What each act changes in the world of the reference, or why it is refused. */

/** The world after the act; the same one when it was refused. */
export function perform(world: World, act: Act): { readonly world: World; readonly refused: Reason | null } {
  const next = structuredClone(world);
  try {
    apply(next, act);
  } catch (error) {
    if (error instanceof Refused) return { world, refused: error.reason };
    throw error;
  }
  settle(next);
  return { world: next, refused: null };
}

const own = { direct: true, via: [] } as const;

const fresh = (
  { name, parent, review, rollUp, acceptance, maxAttempts, priority }: NewTask,
  root: Name,
  reviewOf: Name | null,
): RefTask => ({
  name,
  parent,
  root,
  review,
  reviewOf,
  rollUp,
  acceptance,
  maxAttempts,
  priority,
  status: 'pending',
  was: null,
  erased: false,
  attempt: 0,
  failures: 0,
  revision: 0,
  lease: null,
  pauseEnds: null,
  asked: false,
  artifacts: [],
  entries: [],
});

function make(world: World, tasks: readonly NewTask[], parent: RefTask | null): void {
  refuseUnless(parent?.status !== 'archived', 'PARENT_CLOSED');
  for (const { name, edges } of tasks) refuseUnless(!edges.some((edge) => edge.on === name), 'DEPENDENCY_CYCLE');
  for (const { edges } of tasks) for (const { on } of edges) refuseUnless(world.tasks.get(on)?.status !== 'archived', 'INVALID_PARAMS');
  const made: RefTask[] = [];
  const add = (task: RefTask) => {
    made.push(task);
    world.tasks.set(task.name, task);
  };
  const top = tasks[0]?.name ?? '';
  for (const given of tasks) {
    const root = parent?.root ?? top;
    add(fresh(given, root, null));
    if (given.review === null) continue;
    const review = { ...given, name: given.review, review: null, rollUp: false, acceptance: 0 };
    // The review of a root is a root of its own.
    add(fresh(review, given.parent === null ? given.review : root, given.name));
  }
  for (const { name, review } of made)
    if (review !== null) give(taskOf(world, review), { on: name, kind: 'completion', artifactType: null, mandatory: true }, own);
  const later: { readonly waiting: RefTask; readonly on: Name; readonly mandatory: boolean }[] = [];
  for (const { name, edges } of tasks)
    for (const { on, kind, artifactType, mandatory } of edges) {
      const other = taskOf(world, on);
      if (kind !== 'blocks') giveOwn(world, taskOf(world, name), { on, kind, artifactType, mandatory });
      else if (made.includes(other)) giveOwn(world, other, { on: name, kind: 'completion', artifactType, mandatory });
      else later.push({ waiting: other, on: name, mandatory });
    }
  for (const task of made) if (task.parent !== null) inherit(task, taskOf(world, task.parent));
  refuseUnless(!hasCircle(world), 'DEPENDENCY_CYCLE');
  for (const task of made) openParentOf(world, task);
  for (const { waiting, on, mandatory } of later) addEdge(world, waiting, { on, kind: 'completion', artifactType: null, mandatory });
}

function start(world: World, task: RefTask, by: string, lengthMs: number): void {
  refuseUnless(task.status === 'pending', 'INVALID_TRANSITION');
  refuseUnless(!isHeldBack(world, task), 'DEPENDENCIES_UNMET');
  refuseUnless(counts(world, task.name).open === 0, 'CHILDREN_UNFINISHED');
  refuseUnless(!pauses(world, task), 'NOT_DUE');
  const attempt = task.attempt + 1;
  const lease = { attempt, holder: by, lengthMs, endsAt: world.now + lengthMs, expired: false };
  Object.assign(task, { status: 'in_progress', attempt, lease, pauseEnds: null, asked: false });
}

const proves = ({ lease }: RefTask, { by, attempt }: Proof): boolean =>
  lease !== null && (attempt === null ? by.includes('/') && lease.holder === by : attempt === lease.attempt);

function complete(world: World, task: RefTask, act: Extract<Act, { act: 'complete' }>): void {
  // Also late, as long as the lease ended by expiry alone.
  refuseUnless(['pending', 'in_progress', 'failed'].includes(task.status) && task.lease !== null, 'INVALID_TRANSITION');
  refuseUnless(proves(task, act.proof), 'STALE_LEASE');
  const wasOpen = isOpen(task);
  if (act.nextAction === 'complete') {
    refuseUnless(task.acceptance === 0 || (act.met && act.answered >= task.acceptance), 'ACCEPTANCE_UNANSWERED');
    refuseUnless(counts(world, task.name).open === 0, 'CHILDREN_UNFINISHED');
    refuseUnless(!isHeldBack(world, task), 'DEPENDENCIES_UNMET');
  }
  if (act.artifactType !== null) task.artifacts.push(act.artifactType);
  switch (act.nextAction) {
    case 'complete':
      return close(task, 'completed');
    case 'continue':
      if (task.status === 'failed') task.status = 'pending';
      break;
    case 'blocked':
      Object.assign(task, { status: 'blocked', lease: null, pauseEnds: null, asked: false });
      break;
    case 'needs_revision': {
      openAgain(world, task);
      const subject = task.reviewOf === null ? null : taskOf(world, task.reviewOf);
      refuseUnless(subject?.status !== 'cancelled' && subject?.status !== 'archived', 'INVALID_TRANSITION');
      if (subject !== null && !isOpen(subject)) openAgain(world, subject);
      return;
    }
  }
  if (!wasOpen) openParentOf(world, task);
}

function erase(task: RefTask): void {
  Object.assign(task, { erased: true, entries: [], lease: null });
}

function archive(task: RefTask): void {
  if (task.status !== 'archived') Object.assign(task, { was: task.status, status: 'archived' });
}

const cancelAll = (tasks: readonly RefTask[]): void => {
  for (const task of tasks) close(task, 'cancelled');
};

function apply(world: World, act: Act): void {
  if (act.act === 'make') return make(world, act.tasks, act.below === null ? null : taskOf(world, act.below));
  if (act.act === 'advance') {
    world.now += act.ms;
    world.ticked = false;
    return act.tick ? tick(world) : undefined;
  }
  if (act.act === 'claim') return claim(world, act);
  const task = taskOf(world, act.task);
  const children = below(world, task.name);
  switch (act.act) {
    case 'execute':
      // A worker that asks again gets the lease that it holds.
      if (task.status === 'in_progress' && act.by.includes('/') && task.lease?.holder === act.by) return;
      return start(world, task, act.by, act.leaseMs);
    case 'progress':
      refuseUnless(task.status === 'in_progress', 'INVALID_TRANSITION');
      refuseUnless(proves(task, act.proof), 'STALE_LEASE');
      if (task.lease !== null) task.lease.endsAt = world.now + task.lease.lengthMs;
      return;
    case 'complete':
      return complete(world, task, act);
    case 'fail':
      refuseUnless(task.status === 'in_progress', 'INVALID_TRANSITION');
      refuseUnless(proves(task, act.proof), 'STALE_LEASE');
      task.lease = null;
      return loseAttempt(world, task, act.retryable);
    case 'block':
      refuseUnless(task.status === 'pending' || task.status === 'in_progress', 'INVALID_TRANSITION');
      return void Object.assign(task, { status: 'blocked', lease: null, pauseEnds: null, asked: act.asks });
    case 'answer':
      refuseUnless(task.status === 'blocked' && task.asked, 'INVALID_TRANSITION');
      return void Object.assign(task, { status: 'pending', failures: 0 });
    case 'unblock':
      refuseUnless(task.status === 'blocked', 'INVALID_TRANSITION');
      return void Object.assign(task, { status: 'pending', failures: 0 });
    case 'cancel':
      refuseUnless(isOpen(task) || task.status === 'failed', 'INVALID_TRANSITION');
      refuseUnless(!act.stale, 'REV_CONFLICT');
      refuseUnless(act.subtree || !childrenOf(world, task.name).some(isOpen), 'CHILDREN_UNFINISHED');
      return cancelAll([task, ...(act.subtree ? children.filter((one) => isOpen(one) || one.status === 'failed') : [])]);
    case 'retry':
      refuseUnless(task.status === 'failed', 'INVALID_TRANSITION');
      return openAgain(world, task);
    case 'reopen':
      refuseUnless(task.status === 'completed' || task.status === 'cancelled', 'INVALID_TRANSITION');
      refuseUnless(!act.stale, 'REV_CONFLICT');
      refuseUnless(!rollsUp(world, task), 'INVALID_TRANSITION');
      return openAgain(world, task);
    case 'edit':
      refuseUnless(isOpen(task), 'INVALID_TRANSITION');
      refuseUnless(!act.stale, 'REV_CONFLICT');
      refuseUnless(!task.rollUp || (act.set.acceptance ?? 0) === 0, 'INVALID_PARAMS');
      return void Object.assign(task, act.set);
    case 'note':
      refuseUnless(task.status !== 'archived', 'INVALID_TRANSITION');
      return refuseUnless(!act.stale, 'REV_CONFLICT');
    case 'archive':
      refuseUnless(!children.some(isOpen), 'CHILDREN_UNFINISHED');
      refuseUnless(!isOpen(task) && task.status !== 'archived', 'INVALID_TRANSITION');
      return [task, ...children].forEach(archive);
    case 'delete':
      if (act.force) cancelAll([task, ...children].filter(isOpen));
      refuseUnless(!children.some(isOpen), 'CHILDREN_UNFINISHED');
      refuseUnless(!isOpen(task), 'INVALID_TRANSITION');
      for (const one of [task, ...children]) {
        archive(one);
        erase(one);
      }
      return;
    case 'add': {
      const { on, kind, artifactType, mandatory } = act.edge;
      const [waiting, awaited] = kind === 'blocks' ? [on, task.name] : [task.name, on];
      return addEdge(
        world,
        taskOf(world, waiting),
        { on: awaited, kind: kind === 'blocks' ? 'completion' : kind, artifactType, mandatory },
        act.stale,
      );
    }
    case 'remove':
    case 'waive':
      return loosen(world, task, act.on, act.act, act.stale);
  }
}

function claim(world: World, act: Extract<Act, { act: 'claim' }>): void {
  const ready = [...world.tasks.values()].filter((task) => isReady(world, task));
  // A pause that is over is known to the list only after the timers looked.
  const listed = world.ticked ? ready : ready.filter((task) => task.pauseEnds === null);
  if (act.got === null) {
    if (listed.length > 0) throw new Error(`a claim got nothing, but ${listed[0]?.name} is ready`);
    throw new Refused('NOTHING_READY');
  }
  const task = taskOf(world, act.got);
  if (listed.some((other) => other.priority > task.priority)) throw new Error(`a claim got ${task.name}, which is not first by priority`);
  start(world, task, act.by, act.leaseMs);
}
