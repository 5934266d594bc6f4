import { crc32 } from 'node:zlib';
import { TroupeError } from '../../errors.ts';
import type { ActorId } from '../../ids.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import type { CommitOutcome, Unit } from '../store.ts';
import { Batches } from './batches.ts';
import type { Flown, Lost, Staged } from './batches.ts';
import { columnsOf } from './columns.ts';
import type { Columns } from './columns.ts';
import { commitStatement } from './commit-statement.ts';
import type { ArtifactInput, ChunkInput, Committed, EventInput, Loss, RowInput } from './commit-statement.ts';
import { sqlStateOf } from './database.ts';
import { unavailable } from './unavailable.ts';
import type { Database } from './database.ts';
import { weightOf } from '../resident/history.ts';
import type { Positions } from './position.ts';
import { chunkBytes } from './artifacts.ts';

export interface CommitsOptions {
  readonly database: Database;
  readonly schema: string;
  readonly gen: number;
  readonly positions: Positions;
  /** A transaction with this number has put events into the log. */
  readonly onCommitted: (xid: bigint) => void;
  readonly onFailed: (error: unknown) => void;
}

interface Told {
  readonly head: string;
  readonly data: string;
  readonly event: ActorEvent;
}

/** A unit as texts. */
interface Prepared {
  readonly rows: ReadonlyMap<ActorId, Columns>;
  readonly events: readonly Told[];
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
  readonly #prepared = new WeakMap<Unit, Prepared>();

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
    const bytes = bytesOf(unit, prepared);
    if (bytes > maxUnitBytes)
      return {
        status: 'refused',
        error: new TroupeError('LIMIT_EXCEEDED', `the command changes ${bytes} bytes at once, at most ${maxUnitBytes} are taken`),
      };
    this.#prepared.set(unit, prepared);
    return this.#batches.commit(unit, bytes);
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
        if (state === uniqueViolation) return groups.length > 1 ? this.#oneByOne(groups) : this.#made(groups);
        if (state !== null && passing.has(state) && attempt < tries) continue;
        this.#options.onFailed(error);
        throw unavailable(error);
      }
    }
  }

  /** Somebody made one of the rows at the same moment: which group it is shows when they go alone. */
  async #oneByOne(groups: readonly (readonly Staged[])[]): Promise<Flown> {
    const flown: Flown[] = [];
    for (const group of groups) flown.push(await this.#fly([group]));
    const places = new Map(groups.flatMap((group, index) => group.map((staged) => [staged, flown[index]] as const)));
    return { lost: flown.flatMap(({ lost }) => lost), positionOf: (staged) => places.get(staged)?.positionOf(staged) ?? '' };
  }

  /** The rows that the group wanted to make are there. */
  #made([group = []]: readonly (readonly Staged[])[]): Flown {
    const ids = group.flatMap(({ unit }) => unit.writes.filter(({ expectedRev }) => expectedRev === 0).map(({ record }) => record.id));
    return { lost: [{ kind: 'conflict', ids: new Set(ids) }], positionOf: () => '' };
  }

  async #send(groups: readonly (readonly Staged[])[]): Promise<Flown> {
    const { database, gen, positions, onCommitted } = this.#options;
    const events = eventsOf(groups, (unit) => this.#preparedOf(unit));
    const { artifacts, chunks } = artifactsOf(groups);
    const inputs = [rowsOf(groups, (unit) => this.#preparedOf(unit)), events.inputs, gen, artifacts, chunks];
    const [committed] = await database.query<Committed>(
      this.#statement,
      inputs.map((input) => (typeof input === 'number' ? input : JSON.stringify(input))),
    );
    if (committed === undefined) throw new Error('the statement answered nothing');
    const lost = groups.map((group, grp) =>
      lossOf(
        group,
        (committed.lost ?? []).filter((loss) => loss.grp === grp),
      ),
    );
    if (lost.includes(null)) onCommitted(BigInt(committed.xid));
    return {
      lost,
      positionOf(staged) {
        const last = events.lastOf.get(staged);
        // A unit without writes stands nowhere; nobody waits for its place.
        return last === undefined ? positions.none : positions.format({ gen, xid: committed.xid, n: last.n, check: checkOf(last.event) });
      },
    };
  }

  #preparedOf(unit: Unit): Prepared {
    const prepared = this.#prepared.get(unit);
    if (prepared === undefined) throw new Error('the unit was not prepared');
    return prepared;
  }
}

/** Tells two events at the same place apart: of the log that was, and of the one that a standby went on with. */
export const checkOf = (event: ActorEvent): string =>
  crc32(`${event.taskId ?? event.sessionId}:${event.rev}:${event.time}:${event.cause.commandId}`)
    .toString(16)
    .padStart(8, '0');

function prepare(unit: Unit): Prepared {
  const rows = new Map<ActorId, Columns>();
  const events: Told[] = [];
  for (const { record, event } of unit.writes) {
    rows.set(record.id, columnsOf(record));
    const { data, ...head } = event;
    events.push({ head: JSON.stringify(head), data: JSON.stringify(data), event });
  }
  return { rows, events };
}

function bytesOf(unit: Unit, { rows, events }: Prepared): number {
  let bytes = 0;
  for (const { record } of rows.values()) bytes += record.length;
  for (const { head, data } of events) bytes += head.length + data.length;
  for (const { content } of unit.artifacts) bytes += content?.length ?? 0;
  return bytes;
}

/** One row for each actor of a group: as it must be before, and as it will be after all of the group. */
function rowsOf(groups: readonly (readonly Staged[])[], preparedOf: (unit: Unit) => Prepared): RowInput[] {
  return groups.flatMap((group, grp) => {
    const rows = new Map<ActorId, RowInput>();
    for (const { unit } of group) {
      for (const { id, rev } of unit.checks) if (!rows.has(id)) rows.set(id, { grp, id, expected: rev, writes: false });
      const { rows: columns } = preparedOf(unit);
      for (const { expectedRev, record } of unit.writes) {
        const before = rows.get(record.id);
        const after = columns.get(record.id);
        rows.set(record.id, {
          ...after,
          grp,
          id: record.id,
          expected: before?.expected ?? expectedRev,
          writes: true,
          lease_id: after?.lease_id ?? before?.lease_id ?? null,
        });
      }
    }
    return [...rows.values()];
  });
}

function eventsOf(groups: readonly (readonly Staged[])[], preparedOf: (unit: Unit) => Prepared) {
  const inputs: EventInput[] = [];
  const lastOf = new Map<Staged, { readonly n: number; readonly event: ActorEvent }>();
  for (const [grp, group] of groups.entries()) {
    for (const staged of group) {
      for (const { head, data, event } of preparedOf(staged.unit).events) {
        const n = inputs.length;
        const erases = event.type === 'task.deleted';
        inputs.push({ grp, n, actor: event.taskId ?? event.sessionId, rev: event.rev, class: weightOf(event), head, data, erases });
        lastOf.set(staged, { n, event });
      }
    }
  }
  return { inputs, lastOf };
}

function artifactsOf(groups: readonly (readonly Staged[])[]): { artifacts: ArtifactInput[]; chunks: ChunkInput[] } {
  const artifacts: ArtifactInput[] = [];
  const chunks: ChunkInput[] = [];
  for (const [grp, group] of groups.entries()) {
    for (const { ref, content } of group.flatMap(({ unit }) => unit.artifacts)) {
      const { id, taskId, sha256, bytes } = ref;
      artifacts.push({ grp, id, task: taskId, sha256, bytes, claims: content === null, ref: JSON.stringify(ref) });
      if (content === null) continue;
      for (let n = 0; n * chunkBytes < content.length; n++) {
        const body = Buffer.from(
          content.buffer,
          content.byteOffset + n * chunkBytes,
          Math.min(chunkBytes, content.length - n * chunkBytes),
        );
        chunks.push({ grp, sha256, n, body: body.toString('base64') });
      }
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
