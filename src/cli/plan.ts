import { TroupeError } from '../errors.ts';
import type { Asked } from '../client/link.ts';
import type { CommonOptions } from './call.ts';
import { connect } from './connect.ts';
import { printJson, say } from './output.ts';
import { Printing } from './printing.ts';
import { parsePlan, refusal } from './plan-text.ts';
import { nameOf, readInput } from './read-input.ts';
import { resolveSession, resolveTask } from './task-id.ts';

export interface PlanOptions extends CommonOptions {
  readonly title?: string;
  readonly parent?: string;
  readonly project?: string;
  readonly session?: string;
}

/** A plan has to fit into one message of the service. */
const mostBytes = 262_144;

type Params = Asked<'task.plan'>;

/** What the file says is the service's to judge, but it must say an object, or a list of tasks. */
export async function plan(file: string, options: PlanOptions): Promise<void> {
  const content = await contentOf(await readInput(file, mostBytes), file);
  const { title, parent, project, session, commandId, json } = options;
  const given = {
    ...(Array.isArray(content) ? { tasks: content } : content),
    ...(title === undefined ? {} : { title }),
    ...(project === undefined ? {} : { project }),
    ...(commandId === undefined ? {} : { commandId }),
  };
  if (!isTitled(given))
    throw new TroupeError('INVALID_PARAMS', `${nameOf(file)} has no title`, { fix: 'write one into it, or give --title' });
  const link = connect(options, { makes: true });
  try {
    const place = {
      ...(parent === undefined ? {} : { parentId: await resolveTask(link, parent) }),
      ...(session === undefined ? {} : { sessionId: await resolveSession(link, session) }),
    };
    const output = await link.call('task.plan', { ...given, ...place });
    if (json === true) printJson(output);
    new Printing(json === true).plan(output);
  } finally {
    await link.close();
  }
}

/** The rest is held to the schema where it arrives, with the place of every fault. */
const isTitled = (value: object): value is Params => 'title' in value && typeof value.title === 'string';

const markdownName = /\.(?:md|markdown)$/i;

async function contentOf(text: string, file: string): Promise<object> {
  const name = nameOf(file);
  if (markdownName.test(file)) return await checklist(text, name);
  try {
    return await parsePlan(text, name);
  } catch (error) {
    const { recognizesMarkdown } = await import('../exchange/read/markdown.ts');
    if (recognizesMarkdown([{ name, text }])) return await checklist(text, name);
    throw error;
  }
}

async function checklist(text: string, name: string): Promise<object> {
  const [{ planOf }, { Report, sentenceOf }] = await Promise.all([import('../exchange/plan-of.ts'), import('../exchange/report.ts')]);
  const report = new Report();
  const planned = planOf({ name, text }, report);
  if (planned === null) throw refusal(report.faults.map(sentenceOf).join('; '), 'mend the checklist');
  for (const remark of report.remarks) say(sentenceOf(remark));
  return planned;
}
