import * as z from 'zod';
import { methods } from '../../../protocol/methods.ts';
import type { Session, SessionSummary } from '../../../protocol/session.ts';
import { project, title } from '../../../protocol/values.ts';
import { context, mutation, sessionId } from '../arguments.ts';
import { tool } from '../tool.ts';

/** Tools for sessions: named pieces of work that own plans. */

const created = methods['session.create'].input.shape;
const paused = methods['session.pause'].input.shape;
const completed = methods['session.complete'].input.shape;
const target = { session_id: sessionId };

const capabilities = z.object({
  plan: z.boolean(),
  claim: z.boolean(),
  pause: z.boolean(),
  resume: z.boolean(),
  complete: z.boolean(),
});

/** What can be done with the session now. */
const capabilitiesOf = ({ status, allowed }: Session): z.input<typeof capabilities> => ({
  plan: status === 'active' || status === 'paused',
  claim: status === 'active',
  pause: allowed.includes('PAUSE'),
  resume: allowed.includes('RESUME'),
  complete: allowed.includes('COMPLETE'),
});

export const openOf = ({ tasks }: SessionSummary): number => tasks.pending + tasks.in_progress + tasks.blocked;

export function stepsOf(session: SessionSummary): string[] {
  const { id, status, ready, plans } = session;
  if (status === 'archived') return ['begin another one with orchestrator_initialize_session'];
  if (status !== 'active') return [`go on with orchestrator_resume_session ${id}`];
  if (ready > 0) return [`claim one of its ${ready} ready tasks with orchestrator_claim_task, session_id ${id}`];
  if (openOf(session) > 0) return [`see what it waits for with orchestrator_query_tasks, session_id ${id}`];
  const plan = `plan in it with orchestrator_plan_task, session_id ${id}`;
  return plans === 0 ? [plan] : [plan, `or end it with orchestrator_complete_session ${id}`];
}

const told = z.object({
  success: z.boolean(),
  session_id: z.string(),
  session_status: z.string(),
  message: z.string(),
  working_directory: z.string().nullable(),
  capabilities,
  next_steps: z.array(z.string()),
});

const tell = (session: Session, message: string): z.input<typeof told> => ({
  success: true,
  session_id: session.id,
  session_status: session.status,
  message,
  working_directory: session.workingDirectory,
  capabilities: capabilitiesOf(session),
  next_steps: stepsOf(session),
});

/** The label's last part. */
const titleOf = (directory: string | undefined): string =>
  directory
    ?.split(/[/\\]/)
    .findLast((part) => part.trim() !== '')
    ?.trim()
    .slice(0, 255)
    .toWellFormed() ?? 'Session';

export const initializeSession = tool({
  name: 'orchestrator_initialize_session',
  title: 'Begin a session',
  description: 'Begins a named piece of work; give its session_id to orchestrator_plan_task. working_directory is a label, never opened.',
  effect: 'adds',
  input: z.strictObject({
    working_directory: created.workingDirectory,
    title: title.optional(),
    project: project.optional(),
    context: context.optional(),
    ...mutation,
  }),
  output: told.omit({ success: true }).extend({ status: z.string() }),
  async run({ backend, signal }, { working_directory: directory, title: given, command_id: commandId, ...rest }) {
    const input = { title: given ?? titleOf(directory), workingDirectory: directory, commandId, ...rest };
    const { session } = await backend.call('session.create', input, { signal });
    const { success: _, ...data } = tell(session, `the session "${session.title}" has begun`);
    return { data: { status: 'session_initialized', ...data } };
  },
});

export const resumeSession = tool({
  name: 'orchestrator_resume_session',
  title: 'Go on with a session',
  description: 'Brings the tasks of a paused session back, or opens a completed one again. An active one stays as it is.',
  effect: 'adds',
  input: z.strictObject({ ...target, ...mutation }),
  output: told,
  async run({ backend, signal }, { session_id: id, command_id: commandId }) {
    const { session } = await backend.call('session.get', { sessionId: id }, { signal });
    if (session.status === 'active') return { data: tell(session, 'the session is active') };
    const resumed = await backend.call('session.resume', { sessionId: id, commandId }, { signal });
    return { data: tell(resumed.session, `the session was ${session.status} and goes on`) };
  },
});

export const pauseSession = tool({
  name: 'orchestrator_pause_session',
  title: 'Pause a session',
  description: 'Takes the tasks of a session out of next and claim. No task changes; what is being worked on goes on.',
  effect: 'adds',
  input: z.strictObject({ ...target, reason: paused.reason, ...mutation }),
  output: told,
  async run({ backend, signal }, { session_id: id, reason, command_id: commandId }) {
    const { session } = await backend.call('session.pause', { sessionId: id, reason, commandId }, { signal });
    return { data: tell(session, `paused; ${session.tasks.in_progress} of its tasks are still being worked on`) };
  },
});

export const completeSession = tool({
  name: 'orchestrator_complete_session',
  title: 'End a session',
  description: 'Ends a session that has no open task. It can be resumed.',
  effect: 'adds',
  input: z.strictObject({ ...target, summary: completed.summary, ...mutation }),
  output: told,
  async run({ backend, signal }, { session_id: id, summary, command_id: commandId }) {
    const { session } = await backend.call('session.complete', { sessionId: id, summary, commandId }, { signal });
    return { data: tell(session, `completed, with ${session.tasks.completed} completed tasks`) };
  },
});
