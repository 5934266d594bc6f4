import * as z from 'zod';
import { isTaskId } from '../../ids.ts';
import { giveable } from '../../protocol/methods/given.ts';
import { artifactTypes, dependencyKinds, limits, statuses } from '../../protocol/values.ts';
import { fitExternalId } from '../fit.ts';
import { isObject, parseJson, shaped, tellUnknown } from '../json.ts';
import type { Report } from '../report.ts';
import type { Given, ReadOptions, SourceFile, SourceTask } from '../source.ts';

/** Reads what `troupe export --format json` wrote (version 1). Only grows. */

export const troupeFormat = { format: 'troupe', version: 1 } as const;

const { dueAt: _dueAt, dependsOn: _dependsOn, externalId, ...plain } = giveable;

const members = {
  ...plain,
  id: z.string().max(128).optional(),
  externalId: externalId.nullable(),
  status: z.enum(statuses).default('pending'),
  dueAt: z.string().max(40).optional(),
  dependsOn: z
    .array(
      z.object({
        task: z.string().min(1).max(200),
        kind: z.enum(dependencyKinds).optional(),
        mandatory: z.boolean().optional(),
        artifactType: z.enum(artifactTypes).optional(),
      }),
    )
    .max(limits.dependencies)
    .default([]),
  result: z.looseObject({ summary: z.string() }).optional(),
  createdAt: z.unknown().optional(),
  completedAt: z.unknown().optional(),
  tasks: z.array(z.unknown()).default([]),
};
const task = z.looseObject(members);

const endings: Readonly<Record<string, SourceTask['status']>> = { completed: 'done', archived: 'done', cancelled: 'cancelled' };

export const recognizesTroupe = (_files: readonly SourceFile[], value: unknown): boolean =>
  isObject(value) && value['format'] === troupeFormat.format;

function taskOf(value: unknown, file: string, path: string, depth: number, report: Report, source: string): SourceTask | null {
  const place = { file, path };
  if (depth >= limits.treeDepth) {
    report.fault(place, `is nested more than ${limits.treeDepth} deep`);
    return null;
  }
  const read = shaped(task, value, report, place);
  if (read === undefined) return null;
  tellUnknown(read, members, report);
  const { id, externalId: external, status, dependsOn, result, tasks, dueAt } = read;
  const key = id ?? path;
  if (status === 'failed' || status === 'blocked' || status === 'in_progress')
    report.remark(place, `it is ${status} in the source: here it is open`);
  return {
    key,
    externalId: external ?? fitExternalId('troupe', source, key),
    ...(id !== undefined && isTaskId(id) && { id }),
    place,
    status: endings[status] ?? 'open',
    ...(result !== undefined && { summary: result.summary }),
    given: givenOf(read, dueAt),
    dependsOn: dependsOn.map(({ task: on, kind, mandatory, artifactType }) => ({
      on,
      ...(kind !== undefined && { kind }),
      ...(mandatory !== undefined && { mandatory }),
      ...(artifactType !== undefined && { artifactType }),
    })),
    tasks: tasks.flatMap((child, index) => taskOf(child, file, `${path}.tasks[${index}]`, depth + 1, report, source) ?? []),
  };
}

function givenOf(read: z.output<typeof task>, dueAt: string | undefined): Given {
  const {
    title,
    description,
    type,
    specialist,
    complexity,
    priority,
    tags,
    acceptance,
    review,
    rollUp,
    context,
    estimatedEffort,
    maxAttempts,
  } = read;
  return {
    title,
    description,
    type,
    specialist,
    complexity,
    priority,
    tags,
    acceptance,
    rollUp,
    context,
    maxAttempts,
    ...(review !== undefined && { review }),
    ...(estimatedEffort !== undefined && { estimatedEffort }),
    ...(dueAt !== undefined && { dueAt }),
  };
}

export function readTroupe([file]: readonly SourceFile[], report: Report, { source = '' }: ReadOptions): SourceTask[] {
  if (file === undefined) return [];
  const value = parseJson(file.text, report, { file: file.name });
  if (value === undefined) return [];
  const document = shaped(
    z.looseObject({ format: z.literal(troupeFormat.format), version: z.int(), tasks: z.array(z.unknown()) }),
    value,
    report,
    { file: file.name },
  );
  if (document === undefined) return [];
  if (document.version > troupeFormat.version)
    report.fault(
      { file: file.name, path: 'version' },
      `is ${document.version}: a newer troupe wrote this; this one reads up to ${troupeFormat.version}`,
    );
  return document.tasks.flatMap((one, index) => taskOf(one, file.name, `tasks[${index}]`, 0, report, source) ?? []);
}
