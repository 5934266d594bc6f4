import { readBeads, recognizesBeads } from './read/beads.ts';
import { readClaudeCode, recognizesClaudeCode } from './read/claude-code.ts';
import { readMarkdown, recognizesMarkdown } from './read/markdown.ts';
import { readTaskMaster, recognizesTaskMaster } from './read/task-master.ts';
import { readTroupe, recognizesTroupe } from './read/troupe.ts';
import { parseJson } from './json.ts';
import { Report } from './report.ts';
import type { ReadOptions, SourceFile, SourceTask } from './source.ts';
import type { ExportedTask } from './forest.ts';
import { writeJson } from './write/json.ts';
import { writeMarkdown } from './write/markdown.ts';
import { writeMermaid } from './write/mermaid.ts';

/** The formats, from which the commands and the documents have theirs. */

interface Reading {
  readonly says: string;
  /** Whether the texts look like this format; `value` is the first one as JSON, when it is that. */
  readonly recognizes: (files: readonly SourceFile[], value: unknown) => boolean;
  readonly read: (files: readonly SourceFile[], report: Report, options: ReadOptions) => SourceTask[];
}

interface Writing {
  readonly says: string;
  readonly write: (trees: readonly ExportedTask[]) => string;
}

/** In the order in which a text is tried. */
export const readers: Readonly<Record<string, Reading>> = {
  troupe: { says: 'what `troupe export --format json` wrote', recognizes: recognizesTroupe, read: readTroupe },
  'task-master': { says: 'the `tasks.json` of task-master, legacy or tagged', recognizes: recognizesTaskMaster, read: readTaskMaster },
  'claude-code': {
    says: 'the task files of Claude Code: a folder `~/.claude/tasks/<list>`, or one file of it',
    recognizes: recognizesClaudeCode,
    read: readClaudeCode,
  },
  beads: { says: 'the `.beads/issues.jsonl` of beads', recognizes: recognizesBeads, read: readBeads },
  markdown: { says: "checklists, and Spec Kit's `tasks.md`", recognizes: recognizesMarkdown, read: readMarkdown },
};

export const writers: Readonly<Record<string, Writing>> = {
  json: { says: 'everything that a task was given, with results; can be imported again', write: writeJson },
  markdown: { says: 'a nested checklist for people', write: writeMarkdown },
  mermaid: { says: 'the graph of what waits for what, as a flowchart', write: writeMermaid },
};

export const readerNames: readonly string[] = Object.keys(readers);
export const writerNames: readonly string[] = Object.keys(writers);

/** The name of the format that the texts are in; null when they are in none of these. The report hears of JSON that is broken. */
export function formatOf(files: readonly SourceFile[], report: Report): string | null {
  const [first] = files;
  if (first === undefined) return null;
  const attempt = new Report();
  const value = /^\s*[[{]/.test(first.text) ? parseJson(first.text, attempt, { file: first.name }) : undefined;
  const format = Object.entries(readers).find(([, { recognizes }]) => recognizes(files, value))?.[0] ?? null;
  if (format === null) report.faults.push(...attempt.faults);
  return format;
}
