import type { Reason } from '../../src/errors.ts';
import type { ArtifactType, DependencyKind, Status } from '../../src/protocol/values.ts';

/**
 * What tasks should do, as plain objects and plain rules: no actors, no messages, no store. Whether a task is held back, what its
 * children count, what became of those it waits for is looked up in the whole world each time, where the service tells each other.
 */

export type Name = string;

export interface Entry {
  readonly on: Name;
  readonly kind: DependencyKind;
  readonly artifactType: ArtifactType | null;
  mandatory: boolean;
  waived: boolean;
  direct: boolean;
  via: Name[];
}

export interface RefTask {
  readonly name: Name;
  readonly parent: Name | null;
  readonly root: Name;
  readonly review: Name | null;
  readonly reviewOf: Name | null;
  readonly rollUp: boolean;
  acceptance: number;
  maxAttempts: number;
  priority: number;
  status: Status;
  /** What an archived task was before. */
  was: Status | null;
  erased: boolean;
  attempt: number;
  failures: number;
  revision: number;
  /** A lease is known by the attempt that it was given for. */
  lease: { readonly attempt: number; readonly holder: string; readonly lengthMs: number; endsAt: number; expired: boolean } | null;
  pauseEnds: number | null;
  asked: boolean;
  artifacts: ArtifactType[];
  entries: Entry[];
}

export interface World {
  now: number;
  /** False after time passed that the timers have not looked at. */
  ticked: boolean;
  readonly tasks: Map<Name, RefTask>;
}

export class Refused extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

export const refuseUnless = (holds: boolean, reason: Reason): void => {
  if (!holds) throw new Refused(reason);
};

export const taskOf = (world: World, name: Name): RefTask => {
  const task = world.tasks.get(name);
  if (task === undefined) throw new RangeError(`there is no task ${name}`);
  return task;
};

const open = (status: Status): boolean => status === 'pending' || status === 'in_progress' || status === 'blocked';
export const isOpen = (task: RefTask): boolean => open(task.status);

export const childrenOf = (world: World, name: Name): RefTask[] => [...world.tasks.values()].filter((task) => task.parent === name);
export const below = (world: World, name: Name): RefTask[] =>
  childrenOf(world, name).flatMap((child) => [child, ...below(world, child.name)]);

export function counts(world: World, name: Name): { open: number; completed: number; failed: number; cancelled: number } {
  const statuses = childrenOf(world, name).map((child) => child.was ?? child.status);
  const count = (status: Status) => statuses.filter((one) => one === status).length;
  return { open: statuses.filter(open).length, completed: count('completed'), failed: count('failed'), cancelled: count('cancelled') };
}

/** What became of the task that the entry waits for. */
export function entryStatus(world: World, { on, kind, artifactType }: Entry): 'waiting' | 'satisfied' | 'failed' {
  const target = taskOf(world, on);
  const status = target.was ?? target.status;
  if (open(status)) return 'waiting';
  if (status !== 'completed') return 'failed';
  if (kind === 'approval' && target.reviewOf === null) return 'failed';
  if (kind === 'data' && artifactType !== null && !target.artifacts.includes(artifactType)) return 'failed';
  return 'satisfied';
}

const gates = ({ mandatory, waived, kind }: Entry): boolean => mandatory && !waived && kind !== 'related';
export const isHeldBack = (world: World, { entries }: RefTask): boolean =>
  entries.some((entry) => gates(entry) && entryStatus(world, entry) !== 'satisfied');
export const pauses = (world: World, { pauseEnds }: RefTask): boolean => pauseEnds !== null && world.now < pauseEnds;
export const isReady = (world: World, task: RefTask): boolean =>
  task.status === 'pending' && !pauses(world, task) && counts(world, task.name).open === 0 && !isHeldBack(world, task);

/** The tasks that a task waits for: by its entries, and as a parent. Archived tasks wait for nothing. */
function waitsFor(world: World, task: RefTask): Name[] {
  const children = childrenOf(world, task.name).map((child) => child.name);
  return task.status === 'archived' ? children : [...children, ...task.entries.filter(gates).map((entry) => entry.on)];
}

export function hasCircle(world: World): boolean {
  const clear = new Set<Name>();
  const visit = (name: Name, trail: readonly Name[]): boolean => {
    if (trail.includes(name)) return true;
    if (clear.has(name)) return false;
    const found = waitsFor(world, taskOf(world, name)).some((next) => visit(next, [...trail, name]));
    clear.add(name);
    return found;
  };
  return [...world.tasks.keys()].some((name) => visit(name, []));
}

/** Back to pending as if new: what a failed attempt left is forgotten. A finished parent opens with its child. */
export function openAgain(world: World, task: RefTask): void {
  const wasOpen = isOpen(task);
  Object.assign(task, { status: 'pending', revision: task.revision + 1, failures: 0, lease: null, pauseEnds: null, asked: false });
  if (!wasOpen) openParentOf(world, task);
}

export function openParentOf(world: World, task: RefTask): void {
  const parent = task.parent === null ? null : taskOf(world, task.parent);
  if (parent !== null && !isOpen(parent)) openAgain(world, parent);
}

export function close(task: RefTask, status: 'completed' | 'failed' | 'cancelled'): void {
  Object.assign(task, { status, pauseEnds: null, lease: status === 'failed' ? task.lease : null });
}

/** One failure more: the next attempt after a pause, or none. */
export function loseAttempt(world: World, task: RefTask, retryable: boolean): void {
  task.failures += 1;
  const pauseMs = Math.min(300_000, 1_000 * 2 ** (task.failures - 1));
  if (retryable && task.failures < task.maxAttempts) Object.assign(task, { status: 'pending', pauseEnds: world.now + pauseMs });
  else close(task, 'failed');
}

export const rollsUp = (world: World, task: RefTask): boolean => {
  const children = counts(world, task.name);
  return task.rollUp && children.completed > 0 && children.open + children.failed === 0 && !isHeldBack(world, task);
};

/** Parents that complete by themselves do, until nothing moves any more. */
export function settle(world: World): void {
  const next = [...world.tasks.values()].find((task) => task.status === 'pending' && rollsUp(world, task));
  if (next === undefined) return;
  close(next, 'completed');
  settle(world);
}

/** Leases that are over end their attempts. */
export function tick(world: World): void {
  for (const task of world.tasks.values()) {
    if (task.status !== 'in_progress' || task.lease === null || task.lease.endsAt > world.now) continue;
    task.lease.expired = true;
    loseAttempt(world, task, true);
  }
  world.ticked = true;
  settle(world);
}

type Edge = Pick<Entry, 'on' | 'kind' | 'artifactType' | 'mandatory'>;

/** Gives the task an entry: of its own, or through ancestors. One that is there already gains what the new one brings. */
export function give(
  task: RefTask,
  edge: Edge & { readonly waived?: boolean },
  giver: { readonly direct: boolean; readonly via: readonly Name[] },
): void {
  const waived = edge.waived ?? false;
  const known = task.entries.find((entry) => entry.on === edge.on && entry.kind === edge.kind && entry.artifactType === edge.artifactType);
  if (known === undefined) {
    task.entries.push({ ...edge, waived, direct: giver.direct, via: [...giver.via] });
    return;
  }
  // Only an edge that holds back by itself ends a waiver.
  known.waived &&= !gates({ ...known, ...edge, waived });
  known.mandatory ||= edge.mandatory;
  known.direct ||= giver.direct;
  known.via = [...new Set([...known.via, ...giver.via])];
}

/** The edge, and an approval by the review of the task that it leads to. */
function edgesOn(world: World, edge: Edge): Edge[] {
  const { review } = taskOf(world, edge.on);
  if (review === null || edge.kind === 'related' || taskOf(world, review).status === 'archived') return [edge];
  return [edge, { on: review, kind: 'approval', artifactType: null, mandatory: edge.mandatory }];
}

export function giveOwn(world: World, task: RefTask, edge: Edge): void {
  for (const one of edgesOn(world, edge)) give(task, one, { direct: true, via: [] });
}

/** What a new child takes over from its parent. */
export function inherit(child: RefTask, parent: RefTask): void {
  for (const entry of parent.entries)
    if (entry.mandatory && entry.kind !== 'related')
      give(child, entry, { direct: false, via: entry.direct ? [...entry.via, parent.name] : entry.via });
}

/** To a task that exists, and to everything below it. */
export function addEdge(world: World, waiting: RefTask, edge: Edge, stale = false): void {
  refuseUnless(taskOf(world, edge.on).root === waiting.root, 'INVALID_PARAMS');
  refuseUnless(taskOf(world, edge.on).status !== 'archived', 'INVALID_PARAMS');
  refuseUnless(waiting.status === 'pending' || waiting.status === 'blocked', 'INVALID_TRANSITION');
  refuseUnless(!stale, 'REV_CONFLICT');
  giveOwn(world, waiting, edge);
  const heirs = below(world, waiting.name).filter((heir) => heir.status !== 'archived');
  if (edge.mandatory && edge.kind !== 'related')
    for (const heir of heirs) for (const one of edgesOn(world, edge)) give(heir, one, { direct: false, via: [waiting.name] });
  // Whatever its kind, an edge to itself says nothing.
  refuseUnless(edge.on !== waiting.name && !hasCircle(world), 'DEPENDENCY_CYCLE');
}

/** Takes an edge away or waives it, here and below, as far as nobody else asks for it. */
export function loosen(world: World, task: RefTask, on: Name, how: 'remove' | 'waive', stale: boolean): void {
  refuseUnless(isOpen(task), 'INVALID_TRANSITION');
  refuseUnless(!stale, 'REV_CONFLICT');
  const own = task.entries.filter((entry) => entry.direct);
  refuseUnless(
    own.some((entry) => entry.on === on),
    'INVALID_TRANSITION',
  );
  const { review } = taskOf(world, on);
  const both = own.some((entry) => entry.on === review && entry.kind === 'approval');
  const isMeant = (entry: Entry) => entry.on === on || (both && entry.on === review);
  for (const entry of task.entries.filter(isMeant)) {
    if (how === 'waive') entry.waived = true;
    else entry.direct = false;
  }
  for (const heir of below(world, task.name).filter((one) => one.status !== 'archived'))
    for (const entry of heir.entries.filter((one) => isMeant(one) && one.via.includes(task.name))) {
      const others = entry.via.filter((giver) => giver !== task.name);
      if (how === 'waive' && !entry.direct && others.length === 0) entry.waived = true;
      else entry.via = others;
    }
  for (const one of [task, ...below(world, task.name)]) one.entries = one.entries.filter((entry) => entry.direct || entry.via.length > 0);
}
