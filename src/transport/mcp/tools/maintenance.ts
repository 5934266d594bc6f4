import * as z from 'zod';
import { ArgumentError } from '../argument-error.ts';
import { methods } from '../../../protocol/methods.ts';
import type { Output } from '../../../protocol/methods.ts';
import { project } from '../../../protocol/values.ts';
import { mutation, sessionId, taskId } from '../arguments.ts';
import type { Given } from '../backend.ts';
import { answerBytes } from '../fit.ts';
import { tool } from '../tool.ts';
import type { ToolCall } from '../tool.ts';
import { now } from '../views.ts';

/** The tool that looks after the list as a whole. */

const actions = ['scan_cleanup', 'validate_structure', 'update_documentation', 'prepare_handover'] as const;
const scopes = ['current_session', 'full_project', 'specific_subtask'] as const;

const issue = z.object({ task_id: z.string(), kind: z.string(), detail: z.string() });
const cleaned = z.object({ task_id: z.string(), title: z.string(), action: z.string() });

const input = z.strictObject({
  action: z.enum(actions),
  scope: z.enum(scopes).default('current_session'),
  validation_level: methods['maintenance.validate'].input.shape.level,
  target_task_id: taskId.optional().describe('for scope specific_subtask'),
  session_id: sessionId.optional().describe('for scope current_session; without it everything is looked at'),
  project: project.optional().describe('for scope full_project'),
  stale_hours: methods['maintenance.scan'].input.shape.staleHours.describe("instead of the roles' own limits"),
  older_than_days: z.number().min(0).max(36_500).optional().describe('for trees; by default completed 90, failed 60, stale 30, orphaned 7'),
  dry_run: z.boolean().default(true).describe('false lets scan_cleanup free and archive'),
  ...mutation,
});

type Args = z.output<typeof input>;
type Within = Pick<Given<'maintenance.scan'>, 'project' | 'sessionId' | 'taskId'>;

const refuse = (argument: string, message: string): never => {
  throw ArgumentError.at(argument, message);
};

/** Each scope is named by one argument; one that is named beside it was meant for something else. */
function withinOf({ action, scope, session_id: session, project: name, target_task_id: target, dry_run: dryRun }: Args): Within {
  const named = { current_session: ['session_id', session], full_project: ['project', name], specific_subtask: ['target_task_id', target] };
  for (const [other, [argument = '', value]] of Object.entries(named))
    if (other !== scope && value !== undefined) refuse(argument, `belongs to scope ${other}, and the scope is ${scope}`);
  if (scope === 'specific_subtask' && target === undefined) refuse('target_task_id', 'is missing');
  if (scope === 'current_session' && session === undefined && action === 'scan_cleanup' && !dryRun)
    refuse('session_id', 'is missing: nothing is cleaned up before you say where; or give scope full_project');
  return { sessionId: session, project: name, taskId: target };
}

/** What was done; lists as they came. */
interface Work {
  readonly operations: string[];
  readonly issues: z.input<typeof issue>[];
  readonly cleaned: z.input<typeof cleaned>[];
  /** In a dry run: what would be. */
  readonly cleanable: z.input<typeof cleaned>[];
  readonly document: string | null;
  readonly more: boolean;
}

const none: Work = { operations: [], issues: [], cleaned: [], cleanable: [], document: null, more: false };

interface Page<T> {
  readonly items: readonly T[];
  readonly examined: number;
  readonly nextCursor: string | null;
}

/** Further than this a call does not go; the next one goes on with what is left. */
const mostPages = 50;
const mostItems = 1_000;

/** Page after page; between them the client hears that the call is still at it. */
async function all<T>(
  { signal, progress }: ToolCall,
  read: (cursor: string | undefined) => Promise<Page<T>>,
): Promise<{ readonly items: readonly T[]; readonly examined: number; readonly more: boolean }> {
  const items: T[] = [];
  let examined = 0;
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages && items.length < mostItems; pages += 1) {
    signal?.throwIfAborted();
    const page = await read(cursor);
    items.push(...page.items);
    examined += page.examined;
    if (page.nextCursor === null) return { items, examined, more: false };
    cursor = page.nextCursor;
    progress(`${examined} tasks were looked at`);
  }
  return { items, examined, more: true };
}

type Finding = Output<'maintenance.scan'>['items'][number];

const hours = (count: number): string => `${Math.round(count * 10) / 10} h`;

const findingOf = ({ taskId: id, kind, title, detail, hours: since }: Finding): z.input<typeof issue> => ({
  task_id: id,
  kind,
  detail: `${title.slice(0, 80).toWellFormed()}: ${detail} (${hours(since)})`,
});

/** Two commands, so each has an id of its own. */
const partOf = (commandId: string | undefined, part: string): string | undefined => commandId && `${commandId}:${part}`;

/** Looks for what does not go on; ends the leases of workers that were not heard of, and archives old trees. */
async function scanCleanup(call: ToolCall, args: Args, within: Within): Promise<Work> {
  const { backend, signal } = call;
  const { dry_run: dryRun, command_id: commandId, stale_hours: staleHours, older_than_days: age } = args;
  const days = age === undefined ? undefined : { completed: age, failed: age, stale: age, orphaned: age };
  const found = await all(call, (cursor) => backend.call('maintenance.scan', { ...within, cursor, staleHours }, { signal }));
  const freed = await all(call, (cursor) =>
    backend.call('maintenance.free', { ...within, dryRun, cursor, staleHours, commandId: partOf(commandId, 'free') }, { signal }),
  );
  const { taskId: _, ...whole } = within;
  const archived =
    within.taskId === undefined
      ? await all(call, (cursor) =>
          backend.call('maintenance.archive', { ...whole, dryRun, cursor, days, commandId: partOf(commandId, 'archive') }, { signal }),
        )
      : { items: [], examined: 0, more: false };
  const touched = [
    ...freed.items.map(({ taskId: id, title }) => ({ task_id: id, title, action: 'freed' })),
    ...archived.items.map(({ taskId: id, title, kind }) => ({ task_id: id, title, action: `archived (${kind})` })),
  ];
  const would = dryRun ? 'would be ' : '';
  return {
    ...none,
    operations: [
      `${found.examined} tasks looked at`,
      `${freed.items.length} stale tasks ${would}freed`,
      within.taskId === undefined
        ? `${archived.items.length} old trees ${would}archived`
        : 'trees are only archived whole, so none was looked at',
    ],
    issues: found.items.map(findingOf),
    [dryRun ? 'cleanable' : 'cleaned']: touched,
    more: found.more || freed.more || archived.more,
  };
}

async function validateStructure(call: ToolCall, { validation_level: level }: Args, within: Within): Promise<Work> {
  const { backend, signal } = call;
  const found = await all(call, (cursor) => backend.call('maintenance.validate', { ...within, level, cursor }, { signal }));
  return {
    ...none,
    operations: [`${found.examined} tasks held against what is stored, level ${level}`],
    issues: found.items.map(({ taskId: id, check, message }) => ({ task_id: id, kind: check, detail: message })),
    more: found.more,
  };
}

/** Left of an answer for what is around the text, escapes included. */
const documentBytes = answerBytes - 2_500;

async function writeDocument({ backend, signal }: ToolCall, { action }: Args, within: Within): Promise<Work> {
  const { markdown, tasks } = await backend.call('maintenance.handover', { ...within, maxBytes: documentBytes }, { signal });
  const counted = Object.values(tasks).reduce((sum, count) => sum + count, 0);
  const wrote = `the state of ${counted} tasks written as Markdown`;
  const operations =
    action === 'prepare_handover'
      ? [wrote]
      : [wrote, 'no file was changed: the text is in document, for you to put where your project keeps it'];
  return { ...none, operations, document: markdown };
}

const work: Readonly<Record<Args['action'], (call: ToolCall, args: Args, within: Within) => Promise<Work>>> = {
  scan_cleanup: scanCleanup,
  validate_structure: validateStructure,
  update_documentation: writeDocument,
  prepare_handover: writeDocument,
};

/** What to do about each kind of finding. */
const remedies: Readonly<Record<string, string>> = {
  stale: 'stale: free them with scan_cleanup and dry_run false',
  unanswered: 'unanswered: answer with orchestrator_answer_question',
  blocked: 'blocked: let them go on with orchestrator_update_task, status pending',
  failed: 'failed: try again with orchestrator_update_task, status pending, or cancel them',
  stuck: 'stuck: what they wait for has failed; see orchestrator_get_task',
  orphaned: 'orphaned: what they belonged to has ended; complete or cancel them',
};

function recommendationsFor({ action }: Args, { issues, cleanable, more }: Work): string[] {
  const kinds = new Set(issues.map(({ kind }) => kind));
  return [
    ...[...kinds].flatMap((kind) => remedies[kind] ?? []),
    ...(action === 'validate_structure' && issues.length > 0
      ? ['stop the service, keep a copy of its directory, and look at its log']
      : []),
    ...(cleanable.length > 0 ? ['clean up with dry_run false'] : []),
    ...(more ? ['there is more than was looked at: mend this first, then call it again'] : []),
  ];
}

export const maintenanceCoordinator = tool({
  name: 'orchestrator_maintenance_coordinator',
  title: 'Look after the list',
  description:
    'scan_cleanup: work that does not go on, and old trees; validate_structure: the stored data against itself; prepare_handover and update_documentation: the state of the work as Markdown. Only scan_cleanup with dry_run false changes anything.',
  effect: 'ends',
  input,
  output: z.object({
    status: z.string(),
    message: z.string(),
    document: z.string().nullable(),
    maintenance_results: z.object({
      action: z.string(),
      scope: z.string(),
      validation_level: z.string(),
      stale_hours: methods['maintenance.scan'].input.shape.staleHours.describe("instead of the roles' own limits"),
      older_than_days: z
        .number()
        .min(0)
        .max(36_500)
        .optional()
        .describe('for trees; by default completed 90, failed 60, stale 30, orphaned 7'),
      dry_run: z.boolean(),
      started_at: z.string(),
      completed_at: z.string(),
      duration_seconds: z.number(),
      operations_performed: z.array(z.string()),
      issues_found: z.array(issue),
      items_cleaned: z.array(cleaned),
      items_to_clean: z.array(cleaned),
      recommendations: z.array(z.string()),
    }),
    summary: z.object({
      operations_performed: z.int(),
      issues_found: z.int(),
      items_cleaned: z.int(),
      items_to_clean: z.int(),
      duration_seconds: z.number(),
    }),
    next_steps: z.array(z.string()),
  }),
  async run(call, args) {
    const within = withinOf(args);
    const [startedAt, begun] = [now(), performance.now()];
    const done = await work[args.action](call, args, within);
    const seconds = Math.round(performance.now() - begun) / 1_000;
    const recommendations = recommendationsFor(args, done);
    return {
      data: {
        status: 'maintenance_completed',
        message: done.operations.join('; '),
        document: done.document,
        maintenance_results: {
          action: args.action,
          scope: args.scope,
          validation_level: args.validation_level,
          dry_run: args.dry_run,
          started_at: startedAt,
          completed_at: now(),
          duration_seconds: seconds,
          operations_performed: done.operations,
          issues_found: done.issues,
          items_cleaned: done.cleaned,
          items_to_clean: done.cleanable,
          recommendations,
        },
        summary: {
          operations_performed: done.operations.length,
          issues_found: done.issues.length,
          items_cleaned: done.cleaned.length,
          items_to_clean: done.cleanable.length,
          duration_seconds: seconds,
        },
        next_steps: recommendations.length > 0 ? recommendations.slice(0, 2) : ['find what to do with orchestrator_next_task'],
      },
    };
  },
});
