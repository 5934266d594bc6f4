import type { Asked } from '../client/link.ts';
import { textIn } from './arguments.ts';
import { callCommand, count, option, repeated, several } from './call.ts';
import type { Given, Named } from './call.ts';
import { resolveTask } from './task-id.ts';

/** Commands that change what a task is, and what it waits for. */

type Edited = Asked<'task.edit'>['set'];

interface DependOptions {
  readonly kind?: Exclude<Asked<'dependency.add'>['dependsOn'], string>['kind'];
  readonly optional?: true;
}

/** Of a command that names a task, what it waits for, and why the edge changes. */
const edgeOf = async ({ task, rest: [on = '', ...reason], link }: Given) => ({
  taskId: task,
  dependsOn: await resolveTask(link, on),
  reason: textIn(reason),
});

export function editCalls(): Named[] {
  return [
    callCommand({
      method: 'task.edit',
      usage: 'edit <task>',
      description: 'Changes what an open task was given; what is not named stays.',
      options: () => [
        option('--title <title>', 'what it is called'),
        option('--description <text>', 'what is to be done'),
        option('--specialist <role>', 'who is to do it'),
        option('--complexity <word>', 'trivial, simple, moderate, complex or very_complex'),
        count('--priority <number>', 'the larger, the sooner'),
        several('--tags <tag>', 'labels, instead of those it has'),
        repeated('--acceptance <text>', 'a criterion, instead of those it has'),
        option('--due-at <time>', 'a date, or a time in RFC 3339; none takes it away'),
        count('--max-attempts <number>', 'after how many failures it is failed'),
      ],
      params: ({ task }, { title, description, specialist, complexity, priority, tags, acceptance, dueAt, maxAttempts }: Edited) => ({
        taskId: task,
        set: {
          title,
          description,
          specialist,
          complexity,
          priority,
          tags,
          acceptance,
          dueAt: dueAt === 'none' ? null : dueAt,
          maxAttempts,
        },
      }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'dependency.add',
      usage: 'depend <task> <on>',
      description: 'Makes a task wait for another.',
      options: () => [
        option('--kind <kind>', 'completion, data, approval, prerequisite, blocks or related').default('completion'),
        option('--optional', 'it can go on when the other fails or is cancelled'),
      ],
      params: async ({ task, rest: [on = ''], link }, { kind, optional }: DependOptions) => ({
        taskId: task,
        dependsOn: { task: await resolveTask(link, on), kind, mandatory: optional !== true },
      }),
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'dependency.remove',
      usage: 'undepend <task> <on> [reason...]',
      description: 'Lets a task wait for another no longer.',
      params: edgeOf,
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'dependency.waive',
      usage: 'waive <task> <on> [reason...]',
      description: 'Lets a task go on though what it waits for is not done; the edge stays, with the reason.',
      params: edgeOf,
      print: (printing, { task }) => printing.changed(task),
    }),
    callCommand({
      method: 'task.delete',
      usage: 'delete <task>',
      description: 'Erases what a finished task and everything below it hold; needs a token with the scope admin.',
      options: () => [option('--force', 'cancel what is open below it first')],
      params: ({ task }, { force }: { readonly force?: true }) => ({ taskId: task, force }),
      print: (printing, { task, deleted }) => printing.changed(task, `${deleted.length} deleted`),
    }),
  ];
}
