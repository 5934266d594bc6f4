import { connect, RefusedError } from '../support/client.ts';
import type { Client, Result } from '../support/client.ts';
import { hashOf, isAcknowledged, workHashOf } from './service-life.ts';
import type { Life, Step, TaskId } from './service-life.ts';
import { forEach } from './service-run.ts';
import type { Serving } from './service-run.ts';

/** What must be there after a service was killed. */

type Task = Result<'task.get'>['task'];
const fields = ['rootId', 'parentId', 'title', 'status', 'attempt', 'lease', 'dependsOn', 'children', 'artifacts', 'result'] as const;
type Seen = Pick<Task, 'id' | (typeof fields)[number]>;

interface Tree {
  readonly root: Seen;
  readonly first: Seen;
  readonly second: Seen;
}

/** Tasks by their root: those that are not archived, or the whole tree of one root. */
async function listTrees(client: Client, rootId?: TaskId): Promise<Map<TaskId, Seen[]>> {
  const trees = new Map<TaskId, Seen[]>();
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: Result<'task.list'> = await client.request('task.list', {
      limit: 200,
      fields: [...fields],
      ...(rootId === undefined ? {} : { filter: { rootId, includeArchived: true } }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const item of page.items as Seen[]) trees.set(item.rootId, [...(trees.get(item.rootId) ?? []), item]);
    cursor = page.nextCursor;
  }
  return trees;
}

/** What each step leaves in all three tasks: they change in one unit, or not at all. */
const states: Readonly<Record<Exclude<Step, 'upload'>, string>> = {
  plan: 'pending/pending/pending 0+0 waiting',
  execute: 'pending/in_progress/pending 0+0 waiting',
  complete: 'pending/completed/pending 1+0 satisfied',
  cancel: 'cancelled/completed/cancelled 1+1 satisfied',
  archive: 'archived/archived/archived 1+1 satisfied',
  delete: 'archived/archived/archived erased',
};

function stateOf({ root, first, second }: Tree): string {
  const statuses = [root, first, second].map(({ status }) => status).join('/');
  // Of a deleted task only its place in the tree is left.
  if ([root, first, second].every(({ title }) => title === '')) return `${statuses} erased`;
  return `${statuses} ${root.children.completed}+${root.children.cancelled} ${second.dependsOn[0]?.status ?? 'none'}`;
}

function treeOf(tasks: readonly Seen[], life: Life): Tree | null {
  if (tasks.length !== 3) return null;
  const root = tasks.find(({ parentId }) => parentId === null);
  const first = tasks.find(({ id, title }) => (life.first === undefined ? title === 'First' : id === life.first));
  const second = tasks.find((task) => task !== root && task !== first);
  return root === undefined || first === undefined || second === undefined ? null : { root, first, second };
}

/** What is wrong with the state of a life's tasks. */
function faultsIn(tree: Tree, life: Life): readonly string[] {
  const state = stateOf(tree);
  const step = life.steps.find((name) => name !== 'upload' && states[name] === state);
  if (step === undefined) return [`a unit of which a part is there: ${state}`];
  const faults: string[] = [];
  const reached = life.steps.indexOf(step) + 1;
  // An upload shows in no task.
  const shown = life.steps[life.acknowledged - 1] === 'upload' ? life.acknowledged - 1 : life.acknowledged;
  const next = life.steps[life.acknowledged] === 'upload' ? life.acknowledged : life.acknowledged + 1;
  if (reached < shown) faults.push(`${life.steps[shown - 1]} was acknowledged, and it is at ${step}`);
  if (reached > next) faults.push(`it is at ${step}, which nobody sent`);
  const { first } = tree;
  if (step === 'execute' && (first.attempt !== 1 || first.lease === null)) faults.push('executed without a lease');
  const hasWork = step === 'complete' || step === 'cancel' || step === 'archive';
  if (first.artifacts.length !== (hasWork ? 1 : 0)) faults.push(`${first.artifacts.length} artifacts at ${step}`);
  if (hasWork && first.result?.summary !== `done ${life.name}`) faults.push(`its result is gone at ${step}`);
  return faults;
}

/** Null when there is no such artifact. */
async function readWork(client: Client, artifactId: NonNullable<Life['artifact']>): Promise<string | null> {
  const pages: string[] = [];
  try {
    for (let offset: number | null = 0; offset !== null;) {
      const page: Result<'artifact.get'> = await client.request('artifact.get', { artifactId, offset });
      pages.push(page.content);
      offset = page.nextOffset;
    }
  } catch (error) {
    if (error instanceof RefusedError && error.reason === 'ARTIFACT_NOT_FOUND') return null;
    throw error;
  }
  return pages.join('');
}

async function faultsOfWork(client: Client, life: Life, tree: Tree): Promise<readonly string[]> {
  const isDeleted = stateOf(tree) === states.delete;
  const artifact = tree.first.artifacts[0]?.id ?? (isDeleted || isAcknowledged(life, 'upload') ? life.artifact : undefined);
  if (artifact === undefined) return [];
  const found = await readWork(client, artifact);
  if (isDeleted) return found === null ? [] : ['its work is there after it was deleted'];
  if (found === null) return [`its artifact ${artifact} is gone`];
  return hashOf(found) === workHashOf(life) ? [] : [`its artifact ${artifact} is damaged: ${found.length} of ${life.size} characters`];
}

/**
 * What is wrong, in lines: something acknowledged that is not there, a unit of which only a part is there, a damaged artifact,
 * something that nobody sent.
 * @param lives all that there can be
 * @param asked those that are looked at
 */
export async function faultsOf({ url, token }: Serving, lives: readonly Life[], asked = lives): Promise<readonly string[]> {
  const client = await connect(url, token, { worker: 'check' });
  const trees = await listTrees(client);
  const names = new Map<string, TaskId>();
  for (const root of [...trees.values()].flat()) if (root.parentId === null) names.set(root.title, root.id);
  const rootOf = (life: Life) => life.root ?? names.get(life.name);
  const faults: string[] = [];
  await forEach(asked, async (life) => {
    const root = rootOf(life);
    if (root === undefined) return;
    const tasks = trees.get(root) ?? (await listTrees(client, root)).get(root) ?? [];
    const tree = treeOf(tasks, life);
    const found =
      tree === null ? [`${tasks.length} of its 3 tasks are there`] : [...faultsIn(tree, life), ...(await faultsOfWork(client, life, tree))];
    faults.push(...found.map((fault) => `${life.name}: ${fault}`));
  });
  const expected = new Set(lives.map(rootOf));
  for (const [root, tasks] of trees) if (!expected.has(root)) faults.push(`${tasks.length} tasks of ${root} belong to no life`);
  for (const life of lives) faults.push(...life.repetitions);
  await client.close();
  return faults;
}
