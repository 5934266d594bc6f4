import type { TaskRecord, Store, Unit } from '../../src/persistence/store.ts';
import type { ArtifactRef } from '../../src/protocol/task.ts';
import { randomFrom } from '../support/random.ts';
import { artifactId, artifactRef, newTask, nextTask, taskId, unitOf } from '../support/records.ts';

/**
 * What the crashing process commits, so that whoever looks afterwards knows what must be there: tree number `n` is a root and a
 * child with one artifact each, 0.5 to 200 KB long. A first unit makes both, a second completes both, a third archives both.
 */
export interface Work {
  readonly records: readonly (readonly TaskRecord[])[];
  readonly units: readonly Unit[];
  readonly artifacts: readonly { readonly ref: ArtifactRef; readonly content: Uint8Array }[];
}

function contentOf(n: number): Uint8Array {
  const random = randomFrom(n);
  // Most are small, as work is; every fifth is too large for the journal.
  const size = n % 5 === 0 ? 66_000 + random() * 134_000 : 512 + random() * 8_000;
  const text = `work ${n}, grün 🚀, `.repeat(Math.ceil(size / 16)).slice(0, size);
  const bytes = Buffer.from(text);
  // Every third is no text.
  if (n % 3 === 0) bytes[0] = 0xff;
  return bytes;
}

export function workOf(n: number): Work {
  const [root, child] = [taskId(2 * n), taskId(2 * n + 1)];
  const artifacts = [root, child].map((id, place) => {
    const content = contentOf(2 * n + place);
    return { ref: artifactRef(artifactId(2 * n + place), id, content), content };
  });
  const refs = artifacts.map(({ ref }) => ref);
  const made = [
    newTask(root, { context: { artifacts: refs.slice(0, 1) } }),
    newTask(child, { spec: { rootId: root, parentId: root, depth: 1 }, context: { artifacts: refs.slice(1) } }),
  ];
  const completed = made.map((record) => nextTask(record, { status: 'completed' }));
  const archived = completed.map((record) => nextTask(record, { status: 'archived' }));
  return {
    records: [made, completed, archived],
    units: [unitOf(made, { artifacts }), unitOf(completed), unitOf(archived)],
    artifacts,
  };
}

/** How many units of each tree the process said to be acknowledged, by the tree's number. */
export function acknowledgedIn(lines: readonly string[]): Map<number, number> {
  const acknowledged = new Map<number, number>();
  for (const line of lines) {
    const [, n, unit] = /^ack (\d+) (\d+)$/.exec(line) ?? [];
    if (n !== undefined) acknowledged.set(Number(n), Number(unit));
  }
  return acknowledged;
}

/**
 * What is wrong with the store, in lines: an acknowledged unit that is not there, a unit of which only a part is there, a
 * record other than the one committed, a history with a hole, an artifact other than its task says.
 * @param acknowledged how many units of each tree were acknowledged, by the tree's number
 * @param trees how many trees there can be
 */
export async function faultsOf(store: Store, acknowledged: ReadonlyMap<number, number>, trees: number): Promise<readonly string[]> {
  const faults: string[] = [];
  for (let n = 0; n < trees; n++) {
    const { records, artifacts } = workOf(n);
    const ids = (records[0] ?? []).map(({ id }) => id);
    const found = [...(await store.load(ids)).values()];
    const rev = found[0]?.rev ?? 0;
    if (rev < (acknowledged.get(n) ?? 0)) faults.push(`tree ${n}: ${acknowledged.get(n)} units were acknowledged, ${rev} are there`);
    if (JSON.stringify(found) !== JSON.stringify(records[rev - 1] ?? [])) faults.push(`tree ${n}: not the records of revision ${rev}`);
    for (const id of ids) {
      const { items } = await store.history(id, { limit: 10 });
      if (items.length !== rev || items.some((event, place) => event.rev !== place + 1))
        faults.push(`tree ${n}: a hole in the history of ${id}`);
    }
    for (const { ref, content } of rev === 0 ? [] : artifacts) {
      const read = await store.readArtifact(ref.id, { offset: 0, length: content.length + 1 }).catch(() => null);
      if (read === null || Buffer.compare(read, content) !== 0)
        faults.push(`tree ${n}: artifact ${ref.id} is ${read?.length ?? 'missing'}`);
    }
  }
  return faults;
}
