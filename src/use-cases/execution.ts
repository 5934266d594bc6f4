import { TroupeError } from '../errors.ts';
import { formatTime } from '../clock.ts';
import type { ActorId, TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import { childTotal } from '../machines/readings.ts';
import type { TaskRecord } from '../persistence/store.ts';
import type { Output } from '../protocol/methods.ts';
import { renderExecution } from '../specialists/context.ts';
import type { ExecutionInput, Outcome } from '../specialists/execution.ts';
import type { CataloguedRole, RoleCatalogue } from '../specialists/role.ts';
import { tellTask } from './answer.ts';
import { nearest } from './nearest.ts';
import type { Services } from './services.ts';

/** What a worker gets for a task: the specialist's context and real instructions, from what is durable. */

/** What to say of a key that no role has; the message names the likeliest ones, since not every reader shows `nearby`. */
export function noSpecialist(roles: RoleCatalogue, key: string): { readonly message: string; readonly nearby: string[] } {
  const nearby = nearest(
    key,
    roles.list().map((known) => known.key),
  );
  return { message: `there is no specialist "${key}"; those most like it are ${nearby.slice(0, 3).join(', ')}`, nearby };
}

/** The role of that key. `path` is where the input named it, if it did. */
export function requireRole(roles: RoleCatalogue, key: string, path?: string): CataloguedRole {
  const role = roles.get(key);
  if (role !== undefined) return role;
  const { message, nearby } = noSpecialist(roles, key);
  throw new TroupeError('SPECIALIST_NOT_FOUND', message, { ...(path === undefined ? {} : { issues: [{ path, message }] }), nearby });
}

const outcomeOf = (id: TaskId, { value, context }: TaskState): Outcome => ({
  taskId: id,
  title: context.spec.title,
  status: value,
  summary: context.result?.summary ?? null,
  artifacts: context.artifacts.map(({ id: artifactId, type, name, bytes }) => ({ id: artifactId, type, name, bytes })),
});

/** The children of a task in their order. */
async function childrenOf({ store }: Services, id: TaskId): Promise<readonly { id: TaskId; record: TaskRecord }[]> {
  const page = await store.list({ filter: { parentId: id, includeArchived: true }, sort: 'created', limit: 1_000 });
  const records = await store.load(page.items.map((item) => item.id));
  return page.items.flatMap((item) => {
    const record = records.get(item.id);
    return record === undefined ? [] : [{ id: item.id, record }];
  });
}

async function inputFor(services: Services, id: TaskId, state: TaskState, role: CataloguedRole): Promise<ExecutionInput> {
  const { context } = state;
  const { spec } = context;
  const waits = context.dependsOn.filter((entry) => entry.id !== spec.reviewOf && entry.kind !== 'blocks');
  const related = [spec.parentId, spec.reviewOf, ...waits.map((entry) => entry.id)].filter((other) => other !== null);
  const records = related.length === 0 ? new Map<ActorId, TaskRecord>() : await services.store.load([...new Set(related)]);
  const children = childTotal(context) === 0 ? [] : await childrenOf(services, id);
  const parent = spec.parentId === null ? undefined : records.get(spec.parentId);
  const subject = spec.reviewOf === null ? undefined : records.get(spec.reviewOf);
  const running = state.value === 'in_progress' ? 1 : 0;
  return {
    role,
    task: {
      id,
      spec,
      attempt: context.attempt,
      revision: context.revision,
      ...(context.result === null ? {} : { filePaths: context.result.filePaths }),
    },
    parent:
      parent === undefined || spec.parentId === null
        ? null
        : { id: spec.parentId, title: parent.snapshot.context.spec.title, description: parent.snapshot.context.spec.description },
    dependencies: waits.flatMap((entry) => {
      const record = records.get(entry.id);
      return record === undefined ? [] : [{ ...outcomeOf(entry.id, record.snapshot), kind: entry.kind }];
    }),
    children: children.map((child) => outcomeOf(child.id, child.record.snapshot)),
    notes: context.notes,
    guidance: context.guidance,
    attempts: context.attempts.slice(0, context.attempts.length - running),
    reviewOf: subject === undefined || spec.reviewOf === null ? null : outcomeOf(spec.reviewOf, subject.snapshot),
    blocked: context.blocked,
  };
}

/** Everything but lease and position. */
export async function renderTask(
  services: Services,
  id: TaskId,
  rev: number,
  state: TaskState,
  contextBytes?: number,
): Promise<Pick<Output<'task.execute'>, 'task' | 'specialist' | 'instructions' | 'dependencies' | 'nextSteps'>> {
  const role = requireRole(services.roles, state.context.spec.specialist);
  const input = await inputFor(services, id, state, role);
  const { context, prompts, instructions, nextSteps } = renderExecution(input, contextBytes);
  return {
    task: tellTask(services, id, rev, state),
    specialist: { type: role.key, name: role.name, hash: role.hash, context, prompts },
    instructions,
    dependencies: input.dependencies.map(({ kind: _, artifacts, ...outcome }) => ({ ...outcome, artifacts: [...artifacts] })),
    nextSteps,
  };
}

export interface Telling {
  readonly isHolder: (lease: { readonly id: string; readonly holder: string }) => boolean;
  readonly contextBytes?: number | undefined;
}

/** The whole answer to the holder of the lease; STALE_LEASE when another one holds it by now. */
export async function tellExecution(
  services: Services,
  id: TaskId,
  rev: number,
  state: TaskState,
  position: string,
  { isHolder, contextBytes }: Telling,
): Promise<Output<'task.execute'>> {
  const { lease } = state.context;
  if (state.value !== 'in_progress' || lease === null || !isHolder(lease))
    throw new TroupeError('STALE_LEASE', 'the lease that this command got is over', { taskId: id, from: state.value });
  const { specialist, task, ...rest } = await renderTask(services, id, rev, state, contextBytes);
  return { task, lease: { id: lease.id, holder: lease.holder, expiresAt: formatTime(lease.expiresAt) }, specialist, ...rest, position };
}
