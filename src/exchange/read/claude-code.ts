import * as z from 'zod';
import { fitContext, fitDescription, fitExternalId, fitTitle } from '../fit.ts';
import { isObject, parseJson, shaped, tellUnknown } from '../json.ts';
import type { Report } from '../report.ts';
import type { ReadOptions, SourceFile, SourceTask } from '../source.ts';

/**
 * Reads the task files of Claude Code (2.1.16 and later): `~/.claude/tasks/<list>/<id>.json`, one task each. They are that program's own and
 * undocumented, so they are only read. A list becomes a tree.
 */

const file = z.looseObject({
  id: z.string().min(1).max(100),
  subject: z.string(),
  description: z.string().nullish(),
  activeForm: z.string().nullish(),
  status: z.string().default('pending'),
  owner: z.string().nullish(),
  blocks: z.array(z.string()).default([]),
  blockedBy: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

const endings: Readonly<Record<string, SourceTask['status']>> = { completed: 'done', deleted: 'cancelled' };

export function recognizesClaudeCode(_files: readonly SourceFile[], value: unknown): boolean {
  return isObject(value) && typeof value['id'] === 'string' && typeof value['subject'] === 'string';
}

export function readClaudeCode(
  files: readonly SourceFile[],
  report: Report,
  { folder = 'tasks', source = folder }: ReadOptions,
): SourceTask[] {
  const read = files.flatMap(({ name, text }) => {
    const value = parseJson(text, report, { file: name });
    const task = value === undefined ? undefined : shaped(file, value, report, { file: name });
    if (task?.metadata?.['_internal'] === true) report.unmapped('internal tasks');
    return task === undefined || task.metadata?.['_internal'] === true ? [] : [{ task, place: { file: name } }];
  });
  // Both ends of an edge name it; an older file may have it at one end only.
  const blockers = new Map<string, Set<string>>(read.map(({ task }) => [task.id, new Set(task.blockedBy)]));
  for (const { task } of read) for (const blocked of task.blocks) blockers.get(blocked)?.add(task.id);
  const idOf = (key: string): string => fitExternalId('claude-code', source, key);
  const tasks = read
    .toSorted((a, b) => a.task.id.localeCompare(b.task.id, 'en', { numeric: true }))
    .map(({ task, place }): SourceTask => {
      tellUnknown(task, file.shape, report);
      if (task.status === 'in_progress') report.remark(place, `${task.id} is in progress in the source: here it is open`);
      const { owner, activeForm, metadata } = task;
      const context = fitContext({ owner, activeForm, metadata }, report, place);
      return {
        key: task.id,
        externalId: idOf(task.id),
        place,
        status: endings[task.status] ?? 'open',
        given: {
          title: fitTitle(task.subject, report, place),
          description: fitDescription([['', task.description ?? '']], report, place),
          ...(context !== undefined && { context }),
        },
        dependsOn: [...(blockers.get(task.id) ?? [])].map((on) => ({ on })),
        tasks: [],
      };
    });
  if (tasks.length === 0) return [];
  return [
    {
      key: '(list)',
      externalId: idOf('(list)'),
      place: {},
      status: 'group',
      given: { title: fitTitle(`Claude Code: ${source}`, report, {}), type: 'breakdown' },
      dependsOn: [],
      tasks,
    },
  ];
}
