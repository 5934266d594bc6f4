import type { SessionState } from '../../machines/session-context.ts';
import { isReady } from '../../machines/readings.ts';
import type { ActorRecord, SessionRecord, TaskRecord } from '../store.ts';

/** What queries need of a record, in columns of its row. */
export interface Columns {
  readonly kind: 'task' | 'session';
  readonly project: string;
  readonly rev: number;
  readonly status: string;
  /** By itself: a session that is paused is looked up when it is asked. */
  readonly ready: boolean;
  /** A tree's root that is not the review of another one. */
  readonly plan: boolean;
  readonly root_id: string | null;
  readonly parent_id: string | null;
  readonly session_id: string | null;
  readonly external_id: string | null;
  readonly type: string | null;
  readonly specialist: string | null;
  readonly complexity: string | null;
  readonly tags: readonly string[];
  /** What a search looks into. */
  readonly words: string;
  /** The higher the priority, the lower the rank. */
  readonly rank: number;
  readonly place: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly due_at: number | null;
  readonly leased: boolean;
}

const types: Readonly<Record<keyof Columns | 'lease_id', string>> = {
  kind: 'text',
  project: 'text',
  rev: 'int',
  status: 'text',
  ready: 'boolean',
  plan: 'boolean',
  root_id: 'text',
  parent_id: 'text',
  session_id: 'text',
  external_id: 'text',
  type: 'text',
  specialist: 'text',
  complexity: 'text',
  tags: 'text[]',
  words: 'text',
  rank: 'smallint',
  place: 'int',
  created_at: 'bigint',
  updated_at: 'bigint',
  due_at: 'bigint',
  leased: 'boolean',
  lease_id: 'text',
};
/** The columns of a row, as a list of a statement names them. */
export const columnNames = Object.keys(types);
/** As `json_to_recordset` wants to be told them. */
export const columnTypes = Object.entries(types)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/** A text as PostgreSQL takes it: it has no NUL character and no half of a pair. */
export const plain = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** Between texts that are searched together; nobody types it. */
const between = '\u001F';

/** In one case, for every case: ß is ss, and a final sigma a sigma. */
export const folded = (text: string): string => plain(text).toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/** The lease that a task has or had last; a column as well, which keeps what it holds while there is none. */
export const leaseOf = (record: ActorRecord): string | null =>
  record.kind === 'task' ? (record.snapshot.context.lease?.id ?? null) : null;

export const columnsOf = (record: ActorRecord): Columns => (record.kind === 'task' ? ofTask(record) : ofSession(record));

function ofTask(record: TaskRecord): Columns {
  const { spec, marks, lease, result } = record.snapshot.context;
  return {
    kind: 'task',
    project: record.project,
    rev: record.rev,
    status: record.snapshot.value,
    ready: isReady(record.snapshot),
    plan: spec.parentId === null && spec.reviewOf === null,
    root_id: record.rootId,
    parent_id: spec.parentId,
    session_id: spec.sessionId,
    external_id: spec.externalId === null ? null : plain(spec.externalId),
    type: spec.type,
    specialist: spec.specialist,
    complexity: spec.complexity,
    tags: spec.tags.map(plain),
    words: folded([spec.title, ...spec.tags, result?.summary ?? ''].join(between)),
    rank: 10 - spec.priority,
    place: spec.position,
    created_at: spec.createdAt,
    updated_at: marks.updatedAt,
    due_at: record.dueAt,
    leased: record.snapshot.value === 'in_progress' && lease !== null && !lease.expired,
  };
}

const createdAtOf = ({ context }: SessionState): number => context.spec.createdAt;

function ofSession(record: SessionRecord): Columns {
  const createdAt = createdAtOf(record.snapshot);
  return {
    kind: 'session',
    project: record.project,
    rev: record.rev,
    status: record.snapshot.value,
    ready: false,
    plan: false,
    root_id: null,
    parent_id: null,
    session_id: null,
    external_id: null,
    type: null,
    specialist: null,
    complexity: null,
    tags: [],
    words: '',
    rank: 0,
    place: 0,
    created_at: createdAt,
    updated_at: createdAt,
    due_at: null,
    leased: false,
  };
}
