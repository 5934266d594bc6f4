import { ResourceNotFoundError } from '@modelcontextprotocol/server';
import type { ReadResourceResult, Resource, Server } from '@modelcontextprotocol/server';
import { TroupeError } from '../../errors.ts';
import { artifactId as artifactIds, taskId as taskIds } from '../../protocol/values.ts';
import type { Logger } from '../../logger.ts';
import type { Backend } from './backend.ts';
import { inline } from '../../specialists/quotation.ts';
import { uris } from './links.ts';
import { answering } from './protocol-fault.ts';
import { inToolWords } from './words.ts';

/** Resources: what a client can read, attach to a conversation, and follow. */

interface Kind {
  /** RFC 6570. */
  readonly template: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
  /** Null when there is nothing of that name. */
  readonly read: (backend: Backend, name: string) => Promise<string | null>;
}

const json = 'application/json';
const markdown = 'text/markdown';
const print = (value: unknown): string => JSON.stringify(value, null, 2);

/** Longer work is read page by page with the tool. */
const maxArtifactBytes = 1_048_576;

async function artifactText(backend: Backend, name: string): Promise<string | null> {
  const id = artifactIds.safeParse(name);
  if (!id.success) return null;
  let text = '';
  for (let offset: number | null = 0; offset !== null;) {
    const page: { content: string; nextOffset: number | null } = await backend.call('artifact.get', { artifactId: id.data, offset });
    text += page.content;
    offset = page.nextOffset;
    if (offset !== null && offset >= maxArtifactBytes) {
      throw new TroupeError('TOO_LARGE', `${uris.artifact(name)} is larger than ${maxArtifactBytes} bytes`, {
        fix: 'read it with orchestrator_get_artifact',
      });
    }
  }
  return text;
}

/** A tree as a list, in its order: every task with its status, indented by depth. */
async function planText(backend: Backend, name: string): Promise<string | null> {
  const id = taskIds.safeParse(name);
  if (!id.success) return null;
  const { task } = await backend.call('task.get', { taskId: id.data });
  const { items } = await backend.call('task.list', { filter: { rootId: task.rootId, includeArchived: true }, limit: 1_000 });
  const depths = new Map<string, number>();
  const lines = items.map((item) => {
    const depth = item.parentId == null ? 0 : (depths.get(item.parentId) ?? 0) + 1;
    depths.set(item.id, depth);
    return `${'  '.repeat(depth)}- [${item.status === 'completed' ? 'x' : ' '}] ${inline(item.title ?? '', 255)} (${item.id}, ${item.status}${item.ready === true ? ', ready' : ''}, ${item.specialist})`;
  });
  return `${lines.join('\n')}\n`;
}

const withTask = (read: (backend: Backend, taskId: `t_${string}`) => Promise<string>) => (backend: Backend, name: string) => {
  const id = taskIds.safeParse(name);
  return id.success ? read(backend, id.data) : Promise.resolve(null);
};

const kinds: readonly Kind[] = [
  {
    template: 'troupe://tasks/{id}',
    name: 'task',
    description: 'One task, whole.',
    mimeType: json,
    read: withTask(async (backend, taskId) => print((await backend.call('task.get', { taskId })).task)),
  },
  {
    template: 'troupe://tasks/{id}/context',
    name: 'context',
    description: 'What the worker of a task gets: role, task, results of what it waited for, feedback.',
    mimeType: markdown,
    read: withTask(async (backend, taskId) => {
      const { specialist, instructions } = await backend.call('task.context', { taskId });
      return inToolWords(
        `${specialist.context}\n\n## Instructions\n\n${instructions.map((line, index) => `${index + 1}. ${line}`).join('\n')}\n`,
      );
    }),
  },
  { template: 'troupe://plans/{id}', name: 'plan', description: 'A tree of tasks with their states.', mimeType: markdown, read: planText },
  {
    template: 'troupe://artifacts/{id}',
    name: 'artifact',
    description: 'Detailed work of a task.',
    mimeType: markdown,
    read: artifactText,
  },
  {
    template: 'troupe://roles/{key}',
    name: 'role',
    description: 'A specialist: definition, expertise, approach, output format.',
    mimeType: json,
    read: async (backend, key) => print((await backend.call('specialist.get', { key })).role),
  },
  {
    template: 'troupe://machines/{id}',
    name: 'machine',
    description: 'A state diagram (Mermaid) with events and guards.',
    mimeType: markdown,
    read: async (backend, id) => `\`\`\`mermaid\n${(await backend.call('machine.get', { id })).machine.mermaid}\n\`\`\`\n`,
  },
];

const rolesResource: Resource = {
  uri: uris.roles,
  name: 'roles',
  description: 'All specialists that tasks can be given to.',
  mimeType: json,
};

const patterns = kinds.map((kind) => ({
  kind,
  pattern: new RegExp(`^${kind.template.replace(/\{\w+\}/, String.raw`([\w.~-]{1,200})`)}$`),
}));

/** How many of the trees that changed last are listed. */
const listed = 20;

async function listResources(backend: Backend): Promise<Resource[]> {
  const { items: machines } = await backend.call('machine.list', {});
  const { items } = await backend.call('task.list', { sort: '-updated', limit: listed });
  const roots = new Map(items.map((item) => [item.rootId ?? item.id, item.parentId == null ? (item.title ?? '') : '']));
  return [
    rolesResource,
    ...machines.map(({ id }) => ({ uri: uris.machine(id), name: `machine ${id}`, description: 'State diagram', mimeType: markdown })),
    ...[...roots].map(([id, title]) => ({ uri: uris.plan(id), name: title === '' ? `plan ${id}` : title, mimeType: markdown })),
  ];
}

const notFound = new Set(['TASK_NOT_FOUND', 'ARTIFACT_NOT_FOUND', 'SPECIALIST_NOT_FOUND', 'MACHINE_NOT_FOUND']);

async function readResource(backend: Backend, uri: string): Promise<ReadResourceResult> {
  if (uri === uris.roles) return { contents: [{ uri, mimeType: json, text: print((await backend.call('specialist.list', {})).items) }] };
  for (const { kind, pattern } of patterns) {
    const [, name] = pattern.exec(uri) ?? [];
    if (name === undefined) continue;
    const text = await kind.read(backend, name).catch((error: unknown) => {
      if (error instanceof TroupeError && notFound.has(error.reason)) return null;
      throw error;
    });
    if (text !== null) return { contents: [{ uri, mimeType: kind.mimeType, text }] };
  }
  throw new ResourceNotFoundError(uri);
}

/** Serves the resources; a client may follow any of them. */
export function serveResources(server: Server, backend: Backend, logger: Logger): void {
  server.setRequestHandler('resources/list', () =>
    answering('resources/list', logger, async () => ({ resources: await listResources(backend) })),
  );
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: kinds.map(({ template, name, description, mimeType }) => ({ uriTemplate: template, name, description, mimeType })),
  }));
  server.setRequestHandler('resources/read', ({ params }) => answering('resources/read', logger, () => readResource(backend, params.uri)));
}
