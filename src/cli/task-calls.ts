import type { Asked } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { parseSpan, textIn, textOf } from './arguments.ts';
import { callCommand, count, option, repeated, several } from './call.ts';
import type { Given, Named } from './call.ts';
import { resolved, resolveSession, resolveTask, shown } from './task-id.ts';

/** Commands that change one task. */

type Made = Asked<'task.create'>;

interface CreateOptions extends Omit<Made, 'title' | 'parentId' | 'sessionId' | 'dependsOn'> {
  readonly parent?: string;
  readonly session?: string;
  readonly after?: string[];
}

interface LeaseOptions {
  readonly lease?: Asked<'task.progress'>['lease'];
}

const lease = () => option('--lease <id>', 'the lease that execute gave, when another worker name is used');

interface CompleteOptions extends LeaseOptions {
  readonly summary: string;
  readonly work?: string;
  readonly type?: Asked<'task.complete'>['artifactType'];
  readonly name?: string;
  readonly file?: string[];
  readonly acceptance?: string[];
  readonly next?: Asked<'task.complete'>['nextAction'];
  readonly feedback?: string;
}

const mostWorkBytes = 8 * 1024 * 1024;

async function workIn(path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : (await import('./read-input.ts')).readInput(path, mostWorkBytes);
}

const refusal = (message: string, fix: string): TroupeError => new TroupeError('INVALID_PARAMS', message, { fix });

/** One answer too many is a mistake that nobody would hear of. */
async function answersOf(link: Given['link'], taskId: TaskId, answers: readonly string[]): Promise<{ met: boolean }[]> {
  const wrong = answers.find((answer) => answer !== 'met' && answer !== 'unmet');
  if (wrong !== undefined) throw refusal(`--acceptance ${shown(wrong)} is no answer`, 'answer each criterion with met or unmet');
  const { task } = await link.call('task.get', { taskId });
  const { length } = task.acceptance;
  if (answers.length > length)
    throw refusal(`there are ${answers.length} answers for ${length} criteria`, 'answer each criterion once; troupe show names them');
  return answers.map((answer) => ({ met: answer === 'met' }));
}

export function taskCalls(): Named[] {
  return [
    callCommand({
      method: 'task.create',
      usage: 'create <title>',
      description: 'Makes one task and prints its id.',
      options: () => [
        option('--description <text>', 'what is to be done'),
        option('--parent <id>', 'the task that it is a part of'),
        option('--project <name>', 'the project that it belongs to'),
        option('--session <id>', 'the session that it belongs to'),
        option('--specialist <role>', 'who is to do it'),
        option('--type <type>', 'standard, research, implementation, testing, …'),
        option('--complexity <word>', 'trivial, simple, moderate, complex or very_complex'),
        count('--priority <number>', 'the larger, the sooner'),
        several('--tags <tag>', 'labels'),
        several('--after <id>', 'what it waits for'),
        repeated('--acceptance <text>', 'a criterion that the work must meet'),
        option('--external-id <id>', 'its name elsewhere'),
        option('--due-at <time>', 'a date, or a time in RFC 3339'),
        count('--max-attempts <number>', 'after how many failures it is failed'),
      ],
      params: async ({ rest, link }, options: CreateOptions) => {
        const { parent, session, after, description, project, specialist, type, complexity, priority } = options;
        const { tags, acceptance, externalId, dueAt, maxAttempts } = options;
        const given = { description, project, specialist, type, complexity, priority, tags, acceptance, externalId, dueAt, maxAttempts };
        return {
          title: textOf(rest),
          parentId: await resolved((id) => resolveTask(link, id), parent),
          sessionId: await resolved((id) => resolveSession(link, id), session),
          dependsOn: after && (await Promise.all(after.map((id) => resolveTask(link, id)))),
          ...given,
        };
      },
      print: (printing, { task }) => printing.made(task),
    }),
    callCommand({
      method: 'task.execute',
      usage: 'execute <task>',
      description: 'Claims a task, and prints the context for whoever does it.',
      options: () => [option('--lease-time <time>', 'how long the claim lasts: 10m, 1h').argParser(parseSpan)],
      help: 'Then: troupe complete ID --summary TEXT, or troupe fail ID MESSAGE.',
      params: ({ task }, { leaseTime }: { readonly leaseTime?: number }) => ({ taskId: task, leaseMs: leaseTime }),
      print: (printing, execution) => printing.execution(execution),
    }),
    callCommand({
      method: 'task.progress',
      usage: 'progress <task> [message...]',
      description: 'Reports progress and renews the lease.',
      options: () => [count('--value <number>', 'how much is done'), count('--total <number>', 'of how much'), lease()],
      params: ({ task, rest }, { value, total, lease: held }: LeaseOptions & { readonly value?: number; readonly total?: number }) => {
        if (value !== undefined && total !== undefined && value > total)
          throw refusal(`${value} of ${total} is more than all`, 'mend --value or --total');
        return { taskId: task, message: textIn(rest), value, total, lease: held };
      },
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.complete',
      usage: 'complete <task>',
      description: 'Stores the work and completes the task; what waited for it can go on.',
      options: () => [
        option('--summary <text>', 'what was done, for those who go on').makeOptionMandatory(),
        option('--work <file>', 'the work itself, - for standard input'),
        option('--type <type>', 'what the work is: code, documentation, analysis, design, test, config or general'),
        option('--name <name>', 'what the work is called'),
        repeated('--file <path>', 'a file that was changed'),
        several('--acceptance <met|unmet>', 'the answer to each criterion, in their order'),
        option('--next <action>', 'instead of completing: continue, needs_revision or blocked'),
        option('--feedback <text>', 'what the next worker must know, or why it is blocked'),
        lease(),
      ],
      params: async ({ task, link }, options: CompleteOptions) => ({
        taskId: task,
        lease: options.lease,
        summary: options.summary,
        detailedWork: await workIn(options.work),
        artifactType: options.type,
        artifactName: options.name,
        filePaths: options.file,
        acceptance: options.acceptance && (await answersOf(link, task, options.acceptance)),
        nextAction: options.next,
        feedback: options.feedback,
      }),
      print: (printing, { task, ready }) => printing.changed(task, ready.length === 0 ? '' : `ready now: ${ready.join(', ')}`),
    }),
    callCommand({
      method: 'task.fail',
      usage: 'fail <task> <message...>',
      description: 'Ends the attempt: it is tried again after a pause, or failed when no attempt is left.',
      options: () => [option('--final', 'trying again would not help'), lease()],
      params: ({ task, rest }, options: LeaseOptions & { readonly final?: true }) => ({
        taskId: task,
        lease: options.lease,
        error: { message: textOf(rest), retryable: options.final !== true },
      }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.block',
      usage: 'block <task> [reason...]',
      description: 'Stops a task with a reason, or with a question for a person.',
      options: () => [option('--question <text>', 'what a person is to answer')],
      params: ({ task, rest }, { question }: { readonly question?: string }) => ({
        taskId: task,
        reason: textIn(rest),
        question,
      }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.answer',
      usage: 'answer <task> <answer...>',
      description: 'Answers the question of a blocked task, which goes on with the answer.',
      params: ({ task, rest }) => ({ taskId: task, answer: textOf(rest) }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.unblock',
      usage: 'unblock <task> [note...]',
      description: 'Lets a blocked task go on.',
      params: ({ task, rest }) => ({ taskId: task, note: textIn(rest) }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.retry',
      usage: 'retry <task>',
      description: 'Gives a failed task its attempts back.',
      params: ({ task }) => ({ taskId: task }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.reopen',
      usage: 'reopen <task> <reason...>',
      description: 'Opens a completed or cancelled task again.',
      params: ({ task, rest }) => ({ taskId: task, reason: textOf(rest) }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.cancel',
      usage: 'cancel <task> [reason...]',
      description: 'Cancels a task; its work is kept.',
      options: () => [option('--subtree', 'everything open below it too')],
      params: ({ task, rest }, { subtree }: { readonly subtree?: true }) => ({
        taskId: task,
        reason: textIn(rest),
        subtree,
      }),
      print: (printing, { task, cancelled }) => printing.changed(task, `${cancelled.length} cancelled`),
    }),
    callCommand({
      method: 'task.archive',
      usage: 'archive <task>',
      description: 'Archives a finished task with everything below it.',
      params: ({ task }) => ({ taskId: task }),
      print: (printing, { task, archived }) => printing.changed(task, `${archived.length} archived`),
    }),
    callCommand({
      method: 'task.note',
      usage: 'note <task> <text...>',
      description: 'Leaves a note for the next worker.',
      params: ({ task, rest }) => ({ taskId: task, text: textOf(rest) }),
      print: (printing, { task }) => printing.changed(task),
    }),
  ];
}
