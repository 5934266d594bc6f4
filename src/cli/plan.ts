import { LineCounter, parseDocument } from 'yaml';
import { TroupeError } from '../errors.ts';
import type { Asked } from '../client/link.ts';
import type { CommonOptions } from './call.ts';
import { connect } from './connect.ts';
import { printJson } from './output.ts';
import { Printing } from './printing.ts';
import { nameOf, readInput } from './read-input.ts';

export interface PlanOptions extends CommonOptions {
  readonly title?: string;
  readonly parent?: string;
  readonly project?: string;
  readonly session?: string;
}

/** A plan has to fit into one message of the service. */
const mostBytes = 262_144;
/** So few that no file of that size becomes large. */
const mostAliases = 100;

type Params = Asked<'task.plan'>;

/** What the file says is the service's to judge, but it must say an object, or a list of tasks. */
export async function plan(file: string, options: PlanOptions): Promise<void> {
  const content = parse(await readInput(file, mostBytes), nameOf(file));
  const { title, parent, project, session, commandId, json } = options;
  const given = {
    ...(Array.isArray(content) ? { tasks: content } : content),
    ...(title === undefined ? {} : { title }),
    ...(parent === undefined ? {} : { parentId: parent }),
    ...(project === undefined ? {} : { project }),
    ...(session === undefined ? {} : { sessionId: session }),
    ...(commandId === undefined ? {} : { commandId }),
  };
  if (!isTitled(given))
    throw new TroupeError('INVALID_PARAMS', `${nameOf(file)} has no title`, { fix: 'write one into it, or give --title' });
  const link = connect(options, { makes: true });
  try {
    const output = await link.call('task.plan', given);
    if (json === true) printJson(output);
    new Printing(json === true).plan(output);
  } finally {
    await link.close();
  }
}

/** The rest is held to the schema where it arrives, with the place of every fault. */
const isTitled = (value: object): value is Params => 'title' in value && typeof value.title === 'string';

/** JSON is YAML, so one parser reads both and knows the lines. */
function parse(text: string, name: string): object {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw refusal(`${name}:${line}:${col}: ${error.message}`, 'mend it: JSON or YAML is expected');
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: mostAliases });
  } catch (fault) {
    throw refusal(`${name}: ${fault instanceof Error ? fault.message : ''}`, 'write it without so many aliases');
  }
  if (typeof content !== 'object' || content === null)
    throw refusal(`${name} is no plan`, 'give an object with a title and tasks, or a list of tasks');
  return content;
}

const refusal = (message: string, fix: string): TroupeError => new TroupeError('INVALID_PARAMS', message, { fix });
