import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { ActorId, ArtifactId, SessionId, TaskId } from '../../ids.ts';
import { idPatterns } from '../../ids.ts';
import type { TaskFilter } from '../../protocol/methods.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import { artifactId, sessionId, sha256, taskId } from '../../protocol/values.ts';
import { noTasks, sumOf } from '../resident/session-tally.ts';
import type { TaskEntry } from '../resident/row.ts';
import type { SessionTasks } from '../store.ts';
import { createSynced } from './durable-file.ts';
import type { Layout } from './layout.ts';
import type { SetAsideRecord } from './quarantine.ts';
import { readSnapshot, writeSnapshot } from './snapshot-file.ts';
import { entryProblem, entryText, isEntry, isTaskEntry } from './stored-entry.ts';

const actorId = z.custom<ActorId>((value) => typeof value === 'string' && (idPatterns.t.test(value) || idPatterns.s.test(value)));

/** A tree that lives in a file of its own: what the checkpoint and the memory keep of it. */
export const archivedTree = z.object({
  root: taskId,
  file: z.string().regex(/^archive\/[\w.]+$/),
  records: z.array(z.tuple([actorId, z.int()])),
  artifacts: z.array(z.tuple([artifactId, sha256])),
  /** The tree's session, and when one of its tasks last changed. */
  session: z.object({ id: sessionId, lastActivity: z.int() }).exactOptional(),
});
export type ArchivedTree = z.infer<typeof archivedTree>;

/** What a tree's file holds. */
export interface ArchivedEntries {
  readonly entries: ReadonlyMap<ActorId, TaskEntry>;
  /** Records that can't be taken in; they stay in the file as long as the tree does. */
  readonly setAside: readonly SetAsideRecord[];
}

/** Archived trees, out of memory and read on demand. */
export class Archive {
  readonly #layout: Layout;
  readonly #onProblem: (line: string) => void;
  readonly #trees = new Map<TaskId, ArchivedTree>();
  readonly #actors = new Map<ActorId, ArchivedTree>();
  readonly #artifacts = new Map<ArtifactId, ArchivedTree>();
  readonly #contents = new Map<string, number>();
  readonly #sessions = new Map<SessionId, Set<ArchivedTree>>();
  /** The tree read last: whoever reads one record of a tree mostly reads more of them. */
  #last: { readonly tree: ArchivedTree; readonly read: Promise<ArchivedEntries> } | null = null;

  constructor(layout: Layout, onProblem: (line: string) => void) {
    this.#layout = layout;
    this.#onProblem = onProblem;
  }

  /** Records in archived trees. */
  get size(): number {
    return this.#actors.size;
  }

  get trees(): readonly ArchivedTree[] {
    return [...this.#trees.values()];
  }

  treeOf(id: ActorId): ArchivedTree | undefined {
    return this.#actors.get(id);
  }

  /** The trees that can hold what a query selects: a task, its parent and its root are in one file. */
  treesOf({ ids, rootId, parentId, sessionId: session }: TaskFilter): readonly ArchivedTree[] {
    if (ids !== undefined) return [...new Set(ids.flatMap((id) => this.#actors.get(id) ?? []))];
    const within = rootId ?? parentId;
    if (within === undefined) return session === undefined ? this.trees : [...(this.#sessions.get(session) ?? [])];
    const tree = this.#actors.get(within);
    return tree === undefined ? [] : [tree];
  }

  /** How the archived tasks of a session stand. */
  tasksOf(id: SessionId): SessionTasks {
    let tasks = noTasks;
    for (const { records, session } of this.#sessions.get(id) ?? [])
      tasks = sumOf(tasks, {
        ...noTasks,
        byStatus: { ...noTasks.byStatus, archived: records.length },
        lastActivity: session?.lastActivity ?? null,
      });
    return tasks;
  }

  revisionOf(id: ActorId): number | undefined {
    return this.#actors.get(id)?.records.find(([actor]) => actor === id)?.[1];
  }

  holdsArtifact(id: ArtifactId): boolean {
    return this.#artifacts.has(id);
  }

  isArtifactReferenced(content: string): boolean {
    return this.#contents.has(content);
  }

  add(tree: ArchivedTree): void {
    this.#trees.set(tree.root, tree);
    if (tree.session !== undefined) this.#sessions.set(tree.session.id, (this.#sessions.get(tree.session.id) ?? new Set()).add(tree));
    for (const [id] of tree.records) this.#actors.set(id, tree);
    for (const [id, content] of tree.artifacts) {
      this.#artifacts.set(id, tree);
      this.#contents.set(content, (this.#contents.get(content) ?? 0) + 1);
    }
  }

  remove(tree: ArchivedTree): void {
    if (!this.#trees.delete(tree.root)) return;
    if (this.#last?.tree === tree) this.#last = null;
    if (tree.session !== undefined) this.#sessions.get(tree.session.id)?.delete(tree);
    for (const [id] of tree.records) this.#actors.delete(id);
    for (const [id, content] of tree.artifacts) {
      this.#artifacts.delete(id);
      const count = (this.#contents.get(content) ?? 0) - 1;
      if (count > 0) this.#contents.set(content, count);
      else this.#contents.delete(content);
    }
  }

  /** Writes a tree's file, synced; durable once the archive's directory is synced. */
  async write(root: TaskId, entries: readonly TaskEntry[]): Promise<ArchivedTree> {
    const file = `archive/${root}.json`;
    const temporary = this.#layout.temporary(root);
    const handle = await createSynced(temporary, async (open) => {
      await writeSnapshot(open, {
        head: { root },
        actors: entries.map((entry) => ({ id: null, place: null, text: () => entryText(entry) })),
        archived: [],
      });
    });
    await handle.close();
    await rename(temporary, join(this.#layout.directory, file));
    const session = entries[0]?.record.snapshot.context.spec.sessionId ?? null;
    const lastActivity = entries.reduce((latest, { record }) => Math.max(latest, record.snapshot.context.marks.updatedAt), 0);
    return {
      ...(session === null ? {} : { session: { id: session, lastActivity } }),
      root,
      file,
      records: entries.map(({ record }) => [record.id, record.rev]),
      artifacts: entries.flatMap(({ record }) =>
        record.snapshot.context.artifacts.map((ref): [ArtifactId, string] => [ref.id, ref.sha256]),
      ),
    };
  }

  /** A tree's entries. CorruptStoreError when the file is not whole. */
  read(tree: ArchivedTree): Promise<ArchivedEntries> {
    if (this.#last?.tree === tree) return this.#last.read;
    const read = this.#readFile(tree);
    this.#last = { tree, read };
    read.catch(() => {
      if (this.#last?.read === read) this.#last = null;
    });
    return read;
  }

  async artifact(id: ArtifactId): Promise<ArtifactRef | null> {
    const tree = this.#artifacts.get(id);
    if (tree === undefined) return null;
    for (const { record } of (await this.read(tree)).entries.values()) {
      const found = record.snapshot.context.artifacts.find((ref) => ref.id === id);
      if (found !== undefined) return found;
    }
    return null;
  }

  async #readFile(tree: ArchivedTree): Promise<ArchivedEntries> {
    const entries = new Map<ActorId, TaskEntry>();
    const setAside: SetAsideRecord[] = [];
    await readSnapshot(join(this.#layout.directory, tree.file), {
      head: () => {},
      actor: (text, value) => {
        if (!isEntry(value)) return void setAside.push({ id: null, text, reason: 'not an entry' });
        const reason = entryProblem(value);
        if (reason === null && isTaskEntry(value)) entries.set(value.record.id, value);
        else setAside.push({ id: value.record.id, text, reason: reason ?? 'not a task' });
      },
      archived: () => {},
    });
    for (const { id, reason } of setAside)
      this.#onProblem(`${tree.file}: the record of ${id ?? 'an unknown actor'} can't be taken in (${reason})`);
    return { entries, setAside };
  }
}
