import type { Conversation } from '../actors/conversation.ts';
import { unreadableActor } from '../actors/unreadable.ts';
import { TroupeError } from '../errors.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import { recordProblem } from '../machines/envelope.ts';
import type { SessionView, TaskRecord } from '../persistence/store.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';

/** What a caller may see: the projects that its token opens. */

/** Reads wait this long for the position that the caller has seen elsewhere. */
const visibleWithinMs = 5_000;

/** The name that a caller's deeds are kept under: `name`, or `name/worker`. */
export function nameOf({ name, worker }: Caller): string {
  return worker === undefined ? name : `${name}/${worker}`;
}

function mayOpen(caller: Caller, project: string): boolean {
  return caller.projects === null || caller.projects.includes(project);
}

/** FORBIDDEN when the token does not open the project. */
export function requireProject(caller: Caller, project: string): void {
  if (!mayOpen(caller, project)) throw new TroupeError('FORBIDDEN', `the token does not open project "${project}"`);
}

const defaultProject = 'default';

/** The project that something new belongs to: the one given, the token's if it has but one, or the default. FORBIDDEN as above. */
export function projectFor(caller: Caller, given: string | undefined): string {
  const project = given ?? (caller.projects?.length === 1 ? caller.projects[0] : undefined) ?? defaultProject;
  requireProject(caller, project);
  return project;
}

/** The task of a conversation, if the caller may see it. */
export function openTask(talk: Conversation, id: TaskId, caller: Caller): TaskState {
  const state = talk.state(id);
  requireProject(caller, state.context.spec.project);
  return state;
}

/** Waits until the caller reads what it wrote: `minPosition` is a position that an answer or event gave it. */
export async function awaitPosition(
  { log }: Services,
  input: { readonly minPosition?: string | undefined },
  caller: Caller,
): Promise<void> {
  if (input.minPosition !== undefined) await log.waitFor(input.minPosition, visibleWithinMs, caller.signal);
}

/** A committed record that the caller may see; TASK_NOT_FOUND otherwise, UNREADABLE when what is stored is no task that can be told. */
export async function readTask({ store }: Services, id: TaskId, caller: Caller): Promise<TaskRecord> {
  const record = (await store.load([id])).get(id);
  if (record === undefined) {
    if (store.keepsUnread(id)) throw unreadableActor(id);
    throw new TroupeError('TASK_NOT_FOUND', `there is no task ${id}`, { taskId: id });
  }
  requireProject(caller, record.project);
  const problem = recordProblem(record);
  if (problem !== null) throw unreadableActor(id, problem);
  return record;
}

/** A committed session that the caller may see; SESSION_NOT_FOUND otherwise. */
export async function readSession({ store }: Services, id: SessionId, caller: Caller): Promise<SessionView> {
  const view = await store.session(id);
  if (view === null) {
    if (store.keepsUnread(id)) throw unreadableActor(id);
    throw new TroupeError('SESSION_NOT_FOUND', `there is no session ${id}`, { sessionId: id });
  }
  requireProject(caller, view.record.project);
  return view;
}
