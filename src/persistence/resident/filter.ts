import type { ActorId } from '../../ids.ts';
import type { ListQuery } from '../store.ts';
import type { Row } from './row.ts';

/** Whether a row belongs to the answer of a query. */
export type Filter = (row: Row) => boolean;

/**
 * Finds the text in whatever case: Unicode's simple folding, which unites the Kelvin sign with k and ς with σ, and ß with ss. A regular
 * expression, since it makes no second string of each row's text.
 */
function anyCase(text: string): RegExp {
  const literal = text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(
    literal.replaceAll(/ss|ß|s/giu, (found) => (/^s$/iu.test(found) ? '[sß]' : '(?:ss|ß)')),
    'iu',
  );
}

function containsText(text: string): Filter {
  const wanted = anyCase(text);
  return ({ record }) => {
    const { spec, result } = record.snapshot.context;
    return wanted.test(spec.title) || spec.tags.some((tag) => wanted.test(tag)) || (result !== null && wanted.test(result.summary));
  };
}

/** Archived tasks pass only with `includeArchived`, or when `status` names them. Times are compared strictly. */
export function createFilter({ filter, projects }: Pick<ListQuery, 'filter' | 'projects'>): Filter {
  const tests: Filter[] = [];
  const oneOf = <T>(wanted: readonly T[] | undefined, read: (row: Row) => T) => {
    if (wanted === undefined) return;
    const set = new Set(wanted);
    tests.push((row) => set.has(read(row)));
  };
  const is = <T>(wanted: T | undefined, read: (row: Row) => T) => {
    if (wanted !== undefined) tests.push((row) => read(row) === wanted);
  };
  const { tags, text, createdAfter, createdBefore, updatedAfter } = filter;

  oneOf<ActorId>(filter.ids, ({ record }) => record.id);
  oneOf(filter.status, ({ record }) => record.snapshot.value);
  if (filter.status === undefined && filter.includeArchived !== true) tests.push(({ record }) => record.snapshot.value !== 'archived');
  oneOf(projects, ({ record }) => record.project);
  is(filter.project, ({ record }) => record.project);
  is(filter.rootId, ({ record }) => record.rootId);
  is(filter.parentId, ({ record }) => record.snapshot.context.spec.parentId);
  is(filter.sessionId, ({ record }) => record.snapshot.context.spec.sessionId);
  is(filter.externalId, ({ record }) => record.snapshot.context.spec.externalId);
  is(filter.ready, ({ ready }) => ready);
  oneOf(filter.type, ({ record }) => record.snapshot.context.spec.type);
  oneOf(filter.specialist, ({ record }) => record.snapshot.context.spec.specialist);
  oneOf(filter.complexity, ({ record }) => record.snapshot.context.spec.complexity);
  if (tags !== undefined) tests.push(({ record }) => tags.every((tag) => record.snapshot.context.spec.tags.includes(tag)));
  if (createdAfter !== undefined) tests.push(({ created }) => created.at > createdAfter);
  if (createdBefore !== undefined) tests.push(({ created }) => created.at < createdBefore);
  if (updatedAfter !== undefined) tests.push(({ updated }) => updated.at > updatedAfter);
  // Last, since it costs most.
  if (text !== undefined) tests.push(containsText(text));

  return (row) => {
    for (const passes of tests) if (!passes(row)) return false;
    return true;
  };
}
