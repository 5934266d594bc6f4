import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client, Params, Result } from '../test/support/client.ts';
import { script } from './worker.ts';

/** Work in every state that it can be in, made by commands like any other: for pictures, and for tests of what shows it. */

type TaskId = Result<'task.get'>['task']['id'];

export interface Scene {
  /** The roots of the two plans. */
  readonly importer: TaskId;
  readonly incident: TaskId;
  /** By the refs of the plans. */
  readonly tasks: Readonly<Record<string, TaskId>>;
}

/** Whose fixtures they are depends on where the program was compiled to. */
const fixture = async (plans: URL, name: string): Promise<unknown> =>
  JSON.parse(await readFile(fileURLToPath(new URL(name, plans)), 'utf8')) as unknown;

/** `connect` opens a connection of the worker of that name; all stay open until the caller closes them. */
export async function setScene(plans: URL, connect: (worker: string) => Promise<Client>): Promise<Scene> {
  const [ada, grace, edsger] = await Promise.all(['ada', 'grace', 'edsger'].map(connect));
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three workers are needed');
  const parts = script.parse(await fixture(plans, 'csv-importer.work.json'));
  const importer = await ada.request('task.plan', (await fixture(plans, 'csv-importer.json')) as Params<'task.plan'>);
  const incident = await ada.request('task.plan', (await fixture(plans, 'slow-import.json')) as Params<'task.plan'>);
  const tasks: Record<string, TaskId> = { ...importer.tasks, ...incident.tasks };
  const id = (ref: string): TaskId => {
    const found = tasks[ref];
    if (found === undefined) throw new Error(`the plans have no ${ref}`);
    return found;
  };
  const begin = (client: Client, ref: string) => client.request('task.execute', { taskId: id(ref) });
  const finish = async (client: Client, ref: string): Promise<void> => {
    const part = parts[ref];
    if (part === undefined) throw new Error(`no part for ${ref}`);
    await client.request('task.complete', {
      taskId: id(ref),
      summary: part.summary,
      detailedWork: part.work,
      artifactType: part.type,
      acceptance: part.acceptance.map((note) => ({ met: true, note })),
    });
  };

  await begin(ada, 'research');
  await ada.request('task.progress', { taskId: id('research'), value: 12, total: 20, message: 'files from four programs' });
  await finish(ada, 'research');
  await begin(grace, 'design');
  await finish(grace, 'design');
  await begin(ada, 'parser');
  await finish(ada, 'parser');
  await begin(edsger, 'parser:review');
  await edsger.request('task.note', { taskId: id('parser:review'), text: 'Look at the file with the two byte-order marks first.' });
  await begin(grace, 'mapping');
  await grace.request('task.progress', { taskId: id('mapping'), value: 7, total: 11, message: 'names are done, content is next' });
  await begin(ada, 'guide');
  await ada.request('task.block', {
    taskId: id('guide'),
    question: 'Which three programs do we describe: the three with most files, or the three with most customers?',
  });

  await begin(edsger, 'measure');
  await edsger.request('task.complete', {
    taskId: id('measure'),
    summary: '91 % of the time is one query that runs once per row.',
    detailedWork:
      '# Where the time goes\n\n| part | share |\n| --- | --- |\n| duplicate check | 91 % |\n| parsing | 4 % |\n| writing | 5 % |\n',
    artifactType: 'analysis',
  });
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await begin(ada, attempt === 1 ? 'reproduce' : 'alarm');
    await ada.request('task.fail', {
      taskId: id(attempt === 1 ? 'reproduce' : 'alarm'),
      error: {
        message: attempt === 1 ? 'the file of last night was already removed from the bucket' : 'no access to the alarm system',
        retryable: attempt === 2,
      },
    });
  }

  const single = (title: string, more: Partial<Params<'task.create'>> = {}) => ada.request('task.create', { title, ...more });
  await single('Answer the licence question of the Zürich office', { specialist: 'analyst', priority: 7, tags: ['legal'] });
  await single('Update the three dependencies with known holes', { specialist: 'devops', priority: 9 });
  const stopped = await single('Try the new charting library', { specialist: 'researcher', priority: 2 });
  await ada.request('task.cancel', { taskId: stopped.task.id, reason: 'decided against it' });
  return { importer: importer.task.id, incident: incident.task.id, tasks };
}
