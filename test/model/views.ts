import assert from 'node:assert/strict';
import { isReady as isReadyNow } from '../../src/machines/readings.ts';
import type { TaskRecord } from '../../src/persistence/store.ts';
import { counts, entryStatus, isReady, pauses } from './reference.ts';
import type { Entry, Name, RefTask, World } from './reference.ts';
import type { ServiceUnderTest } from './service-under-test.ts';

/** A task in the same words, as the reference has it and as the service keeps it. */

/** An entry in one line. An archived task hears nothing any more, so what its entries say is of its time. */
const lineOf = (entry: Omit<Entry, 'on' | 'via'>, on: Name, via: readonly Name[], status: string, isArchived: boolean): string => {
  const flags = (['mandatory', 'waived', 'direct'] as const).filter((flag) => entry[flag]);
  const type = entry.artifactType === null ? '' : ` ${entry.artifactType}`;
  return `${on} ${entry.kind}${type}: ${isArchived ? 'archived' : status}, ${flags.join(' ')}, via ${via.toSorted().join(' ')}`;
};

/** How the reference sees a task. */
function expected(world: World, task: RefTask): object {
  const { status, attempt, failures, revision, lease, artifacts, erased, pauseEnds } = task;
  return {
    status,
    attempt,
    failures,
    revision,
    ready: isReady(world, task),
    children: counts(world, task.name),
    lease: lease === null ? null : { holder: lease.holder, endsAt: lease.endsAt, expired: lease.expired },
    pauseEnds: pauses(world, task) ? pauseEnds : null,
    artifacts: erased ? [] : artifacts.toSorted(),
    dependsOn: task.entries.map((entry) => lineOf(entry, entry.on, entry.via, entryStatus(world, entry), status === 'archived')).sort(),
  };
}

/** How the service keeps it. A pause that is over may still be in the record: it ends by a TIMER, or by what moves the task next. */
function actual(real: ServiceUnderTest, world: World, { snapshot }: TaskRecord): object {
  const { value, context } = snapshot;
  const { attempt, failures, revision, lease, children, notBefore, dependsOn, artifacts } = context;
  const late = !world.ticked && notBefore !== null && notBefore <= world.now;
  return {
    status: value,
    attempt,
    failures,
    revision,
    ready: isReadyNow(late ? { value, context: { ...context, notBefore: null } } : snapshot),
    children,
    lease: lease === null ? null : { holder: lease.holder, endsAt: lease.expiresAt, expired: lease.expired },
    pauseEnds: notBefore !== null && notBefore > world.now ? notBefore : null,
    artifacts: artifacts.map(({ type }) => type).sort(),
    dependsOn: dependsOn
      .map(({ id, via, status, artifactType = null, ...entry }) =>
        lineOf(
          { ...entry, artifactType },
          real.nameOf(id),
          via.map((by) => real.nameOf(by)),
          status,
          value === 'archived',
        ),
      )
      .sort(),
  };
}

/** The service must keep every task as the reference has it. */
export function compare(real: ServiceUnderTest, world: World, records: ReadonlyMap<Name, TaskRecord>): void {
  const seen = Object.fromEntries([...records].map(([name, record]) => [name, actual(real, world, record)]));
  const wanted = Object.fromEntries([...world.tasks].map(([name, task]) => [name, expected(world, task)]));
  assert.deepEqual(seen, wanted);
}
