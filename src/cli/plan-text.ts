import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { TroupeError } from '../errors.ts';

/** So few that no file of that size becomes large. */
const mostAliases = 100;
/** More than the tasks of a plan can be below each other, with what they hold. */
const mostLevels = 200;

export const refusal = (message: string, fix: string): TroupeError => new TroupeError('INVALID_PARAMS', message, { fix });

/** What a file says in JSON or YAML: an object or a list. JSON is YAML, so one parser reads both and knows the lines. */
export async function parsePlan(text: string, name: string): Promise<object> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error !== undefined) {
    if (looksLikeJson(text, name)) await refuseJson(text, name);
    if (isOverflow(error)) throw tooDeep(name);
    throw refusal(`${at(error.pos[0])}: ${error.message}`, 'mend it: JSON, YAML or a checklist in markdown is expected');
  }
  const title = titleIn(document);
  if (title !== null) throw refusal(`${at(title)}: the title is no text`, 'put it into quotes');
  const content = valueOf(document, name);
  if (typeof content !== 'object' || content === null)
    throw refusal(`${name} is no plan`, 'give an object with a title and tasks, a list of tasks, or a checklist');
  if (levelsOf(content) > mostLevels) throw tooDeep(name);
  return content;
}

const isOverflow = (error: unknown): boolean => error instanceof Error && error.message.includes('call stack');
const tooDeep = (name: string): TroupeError =>
  refusal(`${name} has more than ${mostLevels} levels`, 'write the parts of a task as its tasks');

function valueOf(document: Document, name: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    return value;
  } catch (fault) {
    if (isOverflow(fault)) throw tooDeep(name);
    throw refusal(`${name}: ${fault instanceof Error ? fault.message : ''}`, 'write it without so many aliases');
  }
}

/** Where the title begins that is there and is no text. */
function titleIn({ contents }: Document): number | null {
  if (!isMap(contents)) return null;
  const title = contents.get('title', true);
  if (!isNode(title) || (isScalar(title) && typeof title.value === 'string')) return null;
  return title.range?.[0] ?? 0;
}

const looksLikeJson = (text: string, name: string): boolean => name.endsWith('.json') || /^\s*[{[]\s*["{[]/.test(text);

/** Who writes JSON is told what is wrong with it as JSON. */
async function refuseJson(text: string, name: string): Promise<void> {
  const [{ parseJson }, { Report, sentenceOf }] = await Promise.all([import('../exchange/json.ts'), import('../exchange/report.ts')]);
  const report = new Report();
  parseJson(text, report, { file: name });
  const [fault] = report.faults;
  if (fault !== undefined) throw refusal(sentenceOf(fault), 'mend it');
}

/** Counted level by level, as deep as it may be. */
function levelsOf(content: object): number {
  let level: unknown[] = [content];
  let count = 0;
  while (level.length > 0 && count <= mostLevels) {
    count += 1;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    level = level.filter((value) => typeof value === 'object' && value !== null);
  }
  return count;
}
