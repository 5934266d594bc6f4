import type { TaskId } from '../ids.ts';
import type { DependencyEntry, TaskContext } from './context.ts';
import type { Change } from './changes.ts';
import { pauseLeft, touch } from './changes.ts';
import type { MachineEvent } from './events.ts';
import { gates } from './readings.ts';

/** What a task keeps about those that it waits for. */

type Target = Pick<MachineEvent<'DEPENDENCY_CHANGED'>, 'state' | 'taskType' | 'artifactTypes'>;

const same = (a: DependencyEntry, b: DependencyEntry): boolean => a.id === b.id && a.kind === b.kind && a.artifactType === b.artifactType;

/** The entry as the state of its target makes it, by the entry's kind. An archived target leaves it as it is. */
export function entryAfter(entry: DependencyEntry, target: Target): DependencyEntry {
  const { reason: _, ...bare } = entry;
  switch (target.state) {
    case 'archived':
      return entry;
    case 'open':
      return { ...bare, status: 'waiting' };
    case 'failed':
    case 'cancelled':
      return { ...bare, status: 'failed', reason: `it was ${target.state === 'failed' ? 'given up as failed' : 'cancelled'}` };
    case 'completed':
      if (entry.kind === 'approval' && target.taskType !== 'approval' && target.taskType !== 'review')
        return { ...bare, status: 'failed', reason: `it is of type ${target.taskType}, which approves nothing` };
      if (entry.kind === 'data' && entry.artifactType !== undefined && !target.artifactTypes.includes(entry.artifactType))
        return { ...bare, status: 'failed', reason: `it completed without an artifact of type ${entry.artifactType}` };
      return { ...bare, status: 'satisfied' };
  }
}

/** What a child of the task copies: everything that holds its parent back, or did. */
export function inheritable(context: Pick<TaskContext, 'dependsOn'>, from: TaskId): readonly DependencyEntry[] {
  return context.dependsOn
    .filter((entry) => entry.mandatory && entry.kind !== 'related')
    .map((entry) => ({ ...entry, direct: false, via: entry.direct ? [...entry.via, from] : entry.via }));
}

/** Adds entries; one that is there already gains what the new one brings. Only one that holds back by itself ends a waiver. */
export function merge(entries: readonly DependencyEntry[], added: readonly DependencyEntry[]): readonly DependencyEntry[] {
  const result = [...entries];
  for (const entry of added) {
    const at = result.findIndex((known) => same(known, entry));
    const known = result[at];
    if (known === undefined) result.push(entry);
    else
      result[at] = {
        ...known,
        ...entry,
        mandatory: known.mandatory || entry.mandatory,
        waived: known.waived && !gates(entry),
        direct: known.direct || entry.direct,
        via: [...new Set([...known.via, ...entry.via])],
      };
  }
  return result;
}

/** Takes away what `by` gave (null: the task itself); an entry that nobody gives any more is gone. */
function withdraw(entries: readonly DependencyEntry[], ids: readonly TaskId[], by: TaskId | null): readonly DependencyEntry[] {
  return entries.flatMap((entry) => {
    if (!ids.includes(entry.id)) return [entry];
    const left = by === null ? { ...entry, direct: false } : { ...entry, via: entry.via.filter((ancestor) => ancestor !== by) };
    return left.direct || left.via.length > 0 ? [left] : [];
  });
}

/** Waives at the task itself, or what came by an ancestor: there only when nobody else asks for it. */
function waive(entries: readonly DependencyEntry[], ids: readonly TaskId[], by: TaskId | null): readonly DependencyEntry[] {
  return entries.map((entry) => {
    if (!ids.includes(entry.id) || (by !== null && !entry.via.includes(by))) return entry;
    const others = by === null ? [] : entry.via.filter((ancestor) => ancestor !== by);
    return by !== null && (entry.direct || others.length > 0) ? { ...entry, via: others } : { ...entry, waived: true };
  });
}

const changed = (context: TaskContext, event: MachineEvent, dependsOn: readonly DependencyEntry[]): Change => ({
  dependsOn,
  notBefore: pauseLeft(context, event),
  marks: touch(context, event),
});

export const dependencyChanges = {
  addDependency: (context: TaskContext, event: MachineEvent<'DEPENDENCY_ADD'>): Change =>
    changed(context, event, merge(context.dependsOn, event.entries)),

  removeDependency: (context: TaskContext, event: MachineEvent<'DEPENDENCY_REMOVE'>): Change =>
    changed(context, event, withdraw(context.dependsOn, event.ids, null)),

  waiveDependency: (context: TaskContext, event: MachineEvent<'DEPENDENCY_WAIVE'>): Change =>
    changed(context, event, waive(context.dependsOn, event.ids, null)),

  hearDependency: (context: TaskContext, event: MachineEvent<'DEPENDENCY_CHANGED'>): Change => {
    const { inherit } = event;
    let entries = context.dependsOn;
    if (inherit?.change === 'add') entries = merge(entries, inherit.entries);
    else if (inherit?.change === 'remove') entries = withdraw(entries, [event.id], inherit.from);
    else if (inherit?.change === 'waive') entries = waive(entries, [event.id], inherit.from);
    entries = entries.map((entry) => (entry.id === event.id ? entryAfter(entry, event) : entry));
    const reopened = entries.some(
      (entry) =>
        gates(entry) && entry.status === 'waiting' && context.dependsOn.some((old) => same(old, entry) && old.status === 'satisfied'),
    );
    const change = changed(context, event, entries);
    // Who worked on what was there before must know that it is being made again.
    return reopened && context.attempt > 0 ? { ...change, marks: touch(context, event, { inputsChanged: true }) } : change;
  },
};
