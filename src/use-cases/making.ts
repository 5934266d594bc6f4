import { deriveId, freshCommandId } from '../actors/derive.ts';
import type { Done } from '../actors/system.ts';
import { TroupeError } from '../errors.ts';
import type { ErrorDetails, Issue, Reason } from '../errors.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import type { PlanRequest } from '../machines/breakdown.ts';
import { planOf } from '../machines/plan.ts';
import type { Plan } from '../machines/plan.ts';
import type { MethodName, PlannedTask } from '../protocol/methods.ts';
import type { RoleCatalogue } from '../specialists/role.ts';
import { nameOf, projectFor, requireProject } from './access.ts';
import { addEdge } from './edge.ts';
import { noSpecialist } from './execution.ts';
import type { Caller } from './caller.ts';
import type { Conversation } from '../actors/conversation.ts';
import type { Services } from './services.ts';

/** Makes tasks: one, or a whole breakdown, at the root or below a parent, all in one unit. */

export interface Making extends PlannedTask {
  readonly commandId?: string | undefined;
  readonly parentId?: TaskId | undefined;
  readonly project?: string | undefined;
  readonly sessionId?: SessionId | undefined;
}

export interface Made {
  readonly topId: TaskId;
  readonly idFor: (name: string) => TaskId;
  readonly reviewIdFor: (subject: TaskId) => TaskId;
  readonly done: Done<Plan>;
}

/** Every specialist that the breakdown names must be one that can be asked. */
function requireSpecialists(roles: RoleCatalogue, top: PlannedTask): void {
  const issues: Issue[] = [];
  let likely: readonly string[] | null = null;
  const visit = (task: PlannedTask, path: string) => {
    for (const member of ['specialist', 'review'] as const) {
      const key = task[member];
      if (key !== undefined && roles.get(key) === undefined) {
        const { message, nearby } = noSpecialist(roles, key);
        issues.push({ path: `${path}${member}`, message });
        likely ??= nearby;
      }
    }
    (task.tasks ?? []).forEach((child, index) => visit(child, `${path}tasks[${index}].`));
  };
  visit(top, '');
  const [first] = issues;
  if (first === undefined) return;
  throw new TroupeError('SPECIALIST_NOT_FOUND', `${first.path}: ${first.message}`, { issues, nearby: likely ?? [] });
}

function projectOf(input: Making, caller: Caller, parentProject: string | undefined): string {
  const project = projectFor(caller, parentProject ?? input.project);
  if (input.project !== undefined && input.project !== project)
    throw new TroupeError('INVALID_PARAMS', `project: the parent is in "${project}"`, {
      issues: [{ path: 'project', message: `the parent is in "${project}"` }],
    });
  return project;
}

const refuse = (reason: Reason, message: string, details: ErrorDetails = {}): never => {
  throw new TroupeError(reason, `sessionId: ${message}`, { ...details, issues: [{ path: 'sessionId', message }] });
};

/** The session that a new tree is given to; what is below a parent is in its root's. */
function sessionOf(talk: Conversation, input: Making, caller: Caller, parent: TaskState | undefined): SessionId | null {
  const { sessionId } = input;
  if (parent !== undefined) {
    const inherited = parent.context.spec.sessionId;
    if (sessionId !== undefined && sessionId !== inherited)
      refuse('INVALID_PARAMS', `what is below a parent is in its root's session, which is ${inherited ?? 'none'}`);
    return inherited;
  }
  if (sessionId === undefined) return null;
  const { value, context } = talk.sessions.state(sessionId, 'sessionId');
  const { project } = context.spec;
  requireProject(caller, project);
  if (input.project !== undefined && input.project !== project) refuse('INVALID_PARAMS', `the session is in "${project}"`);
  if (value === 'completed' || value === 'archived') refuse('SESSION_CLOSED', `the session is ${value}`, { sessionId, from: value });
  return sessionId;
}

/** Ids follow from caller and command, so the same command makes the same tasks on any node, once. */
function idsOf(by: string, commandId: string): Omit<Made, 'done'> {
  const topId = deriveId('t', by, commandId);
  return {
    topId,
    idFor: (name) => deriveId('t', topId, name),
    // No name in a plan begins with a colon, so a task that is called "review" gets an id of its own.
    reviewIdFor: (subject) => deriveId('t', subject, ':review'),
  };
}

/** What the same command made before, when it was sent before; null when it was not. `sent` is what the caller sent. */
export async function madeBefore(
  services: Services,
  method: MethodName,
  commandId: string | undefined,
  sent: unknown,
  caller: Caller,
): Promise<Made | null> {
  if (commandId === undefined) return null;
  const by = nameOf(caller);
  const ids = idsOf(by, commandId);
  if (!(await services.store.load([ids.topId])).has(ids.topId)) return null;
  const done = await services.system.run<Plan>({
    id: commandId,
    by,
    method,
    payload: sent,
    remembers: () => ids.topId,
    talk: () => {
      throw new TroupeError('COMMAND_REUSED', `commandId ${commandId} was used for another command`, { taskId: ids.topId });
    },
  });
  return { ...ids, done };
}

/** `sent` is what the same command must be sent with again, when that is not the plan itself. */
export async function make(services: Services, method: MethodName, input: Making, caller: Caller, sent?: unknown): Promise<Made> {
  const { commandId = freshCommandId(), parentId, project: _project, sessionId: _session, ...top } = input;
  const by = nameOf(caller);
  const { topId, idFor, reviewIdFor } = idsOf(by, commandId);
  const treeTasks = parentId === undefined ? 0 : await treeSize(services, parentId);
  const done = await services.system.run({
    id: commandId,
    by,
    method,
    payload: sent ?? { ...input, commandId: undefined },
    remembers: () => topId,
    talk: (talk) => {
      talk.addressed = topId;
      requireSpecialists(services.roles, top);
      const state = parentId === undefined ? undefined : talk.state(parentId);
      const sessionId = sessionOf(talk, input, caller, state);
      const above = state?.context.spec.project ?? (sessionId === null ? undefined : talk.sessions.state(sessionId).context.spec.project);
      const project = projectOf(input, caller, above);
      if (parentId !== undefined && state?.value === 'archived')
        throw new TroupeError('PARENT_CLOSED', `the parent ${parentId} is archived`, { taskId: parentId });
      const existing: PlanRequest['existing'] = (id) => {
        const found = talk.find(id);
        return found?.context.spec.project === project ? found : undefined;
      };
      const parent =
        state === undefined || parentId === undefined
          ? null
          : { id: parentId, state, treeTasks: treeTasks + talk.unborn(state.context.spec.rootId) };
      const plan = planOf({ top, topId, parent, project, sessionId, at: talk.at, by, idFor, reviewIdFor, existing });
      for (const { id, context } of plan.created) talk.create(id, context);
      talk.deliver(plan.messages, topId);
      for (const { waiting, entry, path } of plan.blocks) addEdge(talk, waiting, entry, path);
      return plan;
    },
  });
  return { topId, idFor, reviewIdFor, done };
}

/** How many tasks the parent's tree has, as far as they are committed; the conversation knows the others. */
async function treeSize({ store }: Services, parentId: TaskId): Promise<number> {
  const parent = (await store.load([parentId])).get(parentId);
  if (parent === undefined) return 0;
  const page = await store.list({ filter: { rootId: parent.rootId, includeArchived: true }, sort: 'created', limit: 0, count: true });
  return page.total ?? 0;
}
