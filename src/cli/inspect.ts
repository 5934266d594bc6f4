import { once } from 'node:events';
import type { Link } from '../client/link.ts';
import { connect } from './connect.ts';
import { existingData } from './data-directory.ts';
import { openBridge } from './inspect-bridge.ts';
import { leaving } from './inspect-page.ts';
import { namedService } from './named-service.ts';
import { findOwner } from './owner.ts';
import { resolveTask } from './task-id.ts';

export interface InspectOptions {
  readonly plan?: string;
  readonly task?: string;
  readonly data?: string;
  readonly context?: true;
  readonly url?: true;
  readonly inspector: string;
}

/** Where its socket is may change with its next start. */
function serviceOf({ data }: InspectOptions): { readonly line: string; readonly socket: () => Promise<string> } {
  const named = namedService(undefined);
  if (named !== null) return { line: named.name, socket: async () => named.socket };
  const { directory, line } = existingData(data);
  return { line, socket: async () => (await findOwner(directory, AbortSignal.timeout(30_000))).url };
}

type Query = Readonly<Record<string, string>>;

/** Serves the bridge page until it is told to stop, or prints one address. */
export async function inspect(options: InspectOptions): Promise<void> {
  const { line, socket } = serviceOf(options);
  const link = connect(options.data === undefined ? {} : { data: options.data }, { makes: false });
  try {
    const query = await queryOf(link, options);
    if (options.url === true) return print(await addressOf(link, socket, query));
    const shown = whatOf(options);
    const page = { inspector: options.inspector, shown, context: options.context === true };
    const bridge = await openBridge({ page, address: () => addressOf(link, socket, { ...query, definition: 'each' }) });
    try {
      print(`EXPERIMENTAL: a bridge from ${line} to a Stately Inspector.\n\n${leaving(page).join('\n')}\n`);
      print(`Page  ${bridge.url}\nStop it with Ctrl+C.`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    } finally {
      await bridge.close();
    }
  } finally {
    await link.close();
  }
}

/** Asks for the task, so that one that there is not is told of at once. */
async function queryOf(link: Link, { plan, task, context }: InspectOptions): Promise<Query> {
  const contexts: Query = context === true ? { context: '1' } : {};
  const id = plan ?? task;
  if (id === undefined) return contexts;
  const found = await link.call('task.get', { taskId: await resolveTask(link, id) });
  return plan === undefined ? { ...contexts, taskId: found.task.id } : { ...contexts, rootId: found.task.rootId };
}

function whatOf({ plan, task }: InspectOptions): string {
  if (plan !== undefined) return `the plan of ${plan}`;
  return task === undefined ? 'all sessions and tasks' : `the task ${task}`;
}

/** Good once, for a minute. */
async function addressOf(link: Link, socket: () => Promise<string>, query: Query): Promise<string> {
  const { ticket } = await link.call('inspection.ticket', {});
  return `${(await socket()).replace(/\/ws$/, '/inspect')}?${new URLSearchParams({ ...query, ticket }).toString()}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
