import { Distribution, sizeBounds, timeBounds } from '../../distribution.ts';
import { TroupeError } from '../../errors.ts';
import type { ActorId } from '../../ids.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import type { CommitOutcome, LogEntry, Position, Unit } from '../store.ts';
import { Batches } from './batches.ts';
import type { Flown, Lost, Staged } from './batches.ts';
import { commitStatement } from './commit-statement.ts';
import type { ArtifactInput, ChunkInput, Committed, EventInput, Loss, RowInput } from './commit-statement.ts';
import { sqlStateOf } from './database.ts';
import type { Database } from './database.ts';
import { Payload } from './payload.ts';
import { prepare } from './prepared.ts';
import type { Prepared, PreparedEvent, PreparedRow } from './prepared.ts';
import { unavailable } from './unavailable.ts';
import { weightOf } from '../resident/history.ts';
import type { Positions } from './position.ts';
import { chunkBytes } from './artifacts.ts';

export interface CommitsOptions {
  readonly database: Database;
  readonly schema: string;
  readonly gen: number;
  readonly positions: Positions;
  /** A transaction with this number has put these events into the log, by their numbers in it. */
  readonly onCommitted: (xid: string, events: ReadonlyMap<number, LogEntry>) => void;
  readonly onFailed: (error: unknown) => void;
}

/** An event at its place in a batch. */
interface Told extends PreparedEvent {
  readonly grp: number;
  readonly n: number;
  readonly staged: Staged;
}

/** Server errors after which the same batch may be sent again: a deadlock, a serialization failure. */
const passing = new Set(['40001', '40P01']);
const uniqueViolation = '23505';
const maxUnitBytes = 67_108_864;
const tries = 5;

/** Carries units to the database, several batches at the same time. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #batches: Batches;
  readonly #statement: ReturnType<typeof commitStatement>;
  readonly measures = { commits: new Distribution(timeBounds), batches: new Distribution(sizeBounds) };

  constructor(options: CommitsOptions) {
    this.#options = options;
    this.#statement = commitStatement(options.schema);
    this.#batches = new Batches({
      flights: 4,
      maxBatchBytes: 8_388_608,
      maxBatchUnits: 256,
      fly: async (groups) => this.#fly(groups),
    });
  }

  async commit(unit: Unit): Promise<CommitOutcome> {
    let prepared: Prepared;
    try {
      prepared = prepare(unit);
    } catch (error) {
      const message = `the unit can't be written as JSON: ${error instanceof Error ? error.message : String(error)}`;
      return { status: 'refused', error: new TroupeError('INTERNAL', message) };
    }
    const { bytes } = prepared;
    if (bytes > maxUnitBytes)
      return {
        status: 'refused',
        error: new TroupeError('LIMIT_EXCEEDED', `the command changes ${bytes} bytes at once, at most ${maxUnitBytes} are taken`),
      };
    const began = performance.now();
    const outcome = await this.#batches.commit(prepared);
    if (outcome.status === 'ok') this.measures.commits.observe((performance.now() - began) / 1e3);
    return outcome;
  }

  idle(): Promise<void> {
    return this.#batches.idle();
  }

  async #fly(groups: readonly (readonly Staged[])[]): Promise<Flown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(groups);
      } catch (error) {
        const state = sqlStateOf(error);
        if (state !== null && passing.has(state) && attempt < tries) continue;
        const told = unavailable(error);
        if (told === error) return groups.length > 1 ? this.#oneByOne(groups) : refusalOf(groups, error);
        this.#options.onFailed(error);
        throw told;
      }
    }
  }

  /** One of them can't be written, or somebody made one of its rows at the same moment: which it is shows when they go alone. */
  async #oneByOne(groups: readonly (readonly Staged[])[]): Promise<Flown> {
    const flown: Flown[] = [];
    for (const group of groups) flown.push(await this.#fly([group]));
    const places = new Map(groups.flatMap((group, index) => group.map((staged) => [staged, flown[index]] as const)));
    return { lost: flown.flatMap(({ lost }) => lost), positionOf: (staged) => places.get(staged)?.positionOf(staged) ?? '' };
  }

  async #send(groups: readonly (readonly Staged[])[]): Promise<Flown> {
    const { database, gen, positions, onCommitted } = this.#options;
    const payload = new Payload(groups.flat().reduce((sum, { prepared }) => sum + prepared.bytes, 0));
    const rows = groups.flatMap((group, grp) => rowsOf(group, grp, payload));
    const told = toldOf(groups);
    const events = told.map((one) => eventOf(one, payload));
    const { artifacts, chunks } = artifactsOf(groups, payload);
    const [committed] = await database.query<Committed>(this.#statement, [
      `[${rows.join()}]`,
      JSON.stringify(events),
      gen,
      JSON.stringify(artifacts),
      JSON.stringify(chunks),
      payload.content,
    ]);
    if (committed === undefined) throw new Error('the statement answered nothing');
    const { xid } = committed;
    const lost = groups.map((group, grp) =>
      lossOf(
        group,
        (committed.lost ?? []).filter((loss) => loss.grp === grp),
      ),
    );
    const entries = new Map<number, LogEntry>();
    const places = new Map<Staged, Position>();
    for (const { grp, n, staged, event } of told) {
      if (lost[grp] !== null) continue;
      const position = positions.format({ xid, n, check: checkOf(event) });
      entries.set(n, { event, position });
      places.set(staged, position);
    }
    if (entries.size > 0) {
      onCommitted(xid, entries);
      this.measures.batches.observe(places.size);
    }
    // A unit without writes stands nowhere; nobody waits for its place.
    return { lost, positionOf: (staged) => places.get(staged) ?? positions.none };
  }
}

/** What a group is told that can't be written: the rows that it wanted to make are there, or it is one that the database will never take. */
function refusalOf([group = []]: readonly (readonly Staged[])[], error: unknown): Flown {
  const ids = group.flatMap(({ unit }) => unit.writes.filter(({ expectedRev }) => expectedRev === 0).map(({ record }) => record.id));
  if (sqlStateOf(error) === uniqueViolation && ids.length > 0)
    return { lost: [{ kind: 'conflict', ids: new Set(ids) }], positionOf: () => '' };
  const [unit] = group;
  if (unit === undefined || !(error instanceof Error)) throw error;
  // Of several nobody knows which; the others go again without it.
  const refused = new TroupeError('INTERNAL', `the database does not take the unit: ${error.message}`);
  return { lost: [{ kind: 'refused', unit, error: refused }], positionOf: () => '' };
}

/**
 * Tells two events at the same place apart: of the log that was, and of the one that a standby went on with. They are of other tasks, of
 * which the last characters are random, or were made at another second and millisecond.
 */
export const checkOf = ({ taskId, sessionId, rev, time }: ActorEvent): string =>
  `${(taskId ?? sessionId).slice(-4)}-${rev}-${time.slice(-7, -1)}`;

/** One row for each actor of a group, as a text: as it must be before, and as it will be after all of the group. */
function rowsOf(group: readonly Staged[], grp: number, payload: Payload): string[] {
  const rows = new Map<ActorId, { expected: number; leaseId: string | null; written: PreparedRow | null }>();
  for (const { prepared } of group) {
    for (const { id, rev } of prepared.unit.checks) if (!rows.has(id)) rows.set(id, { expected: rev, leaseId: null, written: null });
    for (const { expectedRev, record } of prepared.unit.writes) {
      const before = rows.get(record.id);
      const written = prepared.rows.get(record.id) ?? null;
      rows.set(record.id, { expected: before?.expected ?? expectedRev, leaseId: written?.leaseId ?? before?.leaseId ?? null, written });
    }
  }
  return Array.from(rows, ([id, { expected, leaseId, written }]) => {
    if (written === null) return textOf({ grp, id, expected, writes: false });
    const row = textOf({ grp, id, expected, writes: true, lease_id: leaseId, record: payload.text(written.record) });
    // The columns are a text already, and their members go into the same object.
    return `${row.slice(0, -1)},${written.columns.slice(1)}`;
  });
}

const textOf = (row: RowInput): string => JSON.stringify(row);

function toldOf(groups: readonly (readonly Staged[])[]): Told[] {
  const told: Told[] = [];
  for (const [grp, group] of groups.entries())
    for (const staged of group)
      for (const { event, head, data } of staged.prepared.events) told.push({ grp, n: told.length, staged, event, head, data });
  return told;
}

const eventOf = ({ grp, n, event, head, data }: Told, payload: Payload): EventInput => ({
  grp,
  n,
  actor: event.taskId ?? event.sessionId,
  rev: event.rev,
  class: weightOf(event),
  head: payload.text(head),
  data: payload.text(data),
  erases: event.type === 'task.deleted',
});

function artifactsOf(groups: readonly (readonly Staged[])[], payload: Payload): { artifacts: ArtifactInput[]; chunks: ChunkInput[] } {
  const artifacts: ArtifactInput[] = [];
  const chunks: ChunkInput[] = [];
  for (const [grp, group] of groups.entries()) {
    for (const { ref, content } of group.flatMap(({ unit }) => unit.artifacts)) {
      const { id, taskId, sha256, bytes } = ref;
      artifacts.push({ grp, id, task: taskId, sha256, bytes, claims: content === null, ref: payload.text(JSON.stringify(ref)) });
      if (content === null) continue;
      for (let n = 0; n * chunkBytes < content.length; n++)
        chunks.push({ grp, sha256, n, body: payload.bytes(content.subarray(n * chunkBytes, (n + 1) * chunkBytes)) });
    }
  }
  return { artifacts, chunks };
}

function lossOf(group: readonly Staged[], losses: readonly Loss[]): Lost | null {
  const [first] = losses;
  if (first === undefined) return null;
  const rows = losses.filter(({ rev }) => rev !== null).map(({ id }) => id);
  const ids = new Set(group.flatMap(({ unit }) => [...unit.writes.map(({ record }) => record.id), ...unit.checks.map(({ id }) => id)]));
  if (rows.length > 0) return { kind: 'conflict', ids: new Set([...ids].filter((id) => rows.includes(id))) };
  const unit = group.find(({ unit: { artifacts } }) => artifacts.some(({ ref, content }) => content === null && ref.id === first.id));
  if (unit === undefined) throw new Error(`nobody claims ${first.id}`);
  return { kind: 'refused', unit, error: new TroupeError('ARTIFACT_NOT_FOUND', `there is no upload ${first.id} to claim`) };
}
