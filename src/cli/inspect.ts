import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Link } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import { version } from '../version.ts';
import { discover } from './discover.ts';
import { openBridge } from './inspect-bridge.ts';
import { leaving } from './inspect-page.ts';
import { openLink } from './open-link.ts';
import { findOwner } from './owner.ts';

export interface InspectOptions {
  readonly plan?: string;
  readonly task?: string;
  readonly data?: string;
  readonly context?: true;
  readonly url?: true;
  readonly inspector: string;
}

type Query = Readonly<Record<string, string>>;

/** Serves the bridge page until it is told to stop, or prints one address. */
export async function inspect(options: InspectOptions): Promise<void> {
  const { directory, line } = discover(options.data);
  if (!existsSync(directory)) throw new Error(`there is no data directory ${line}: start the service once, or name another with --data`);
  const { link } = openLink({ data: options.data, client: { name: 'inspect', version } });
  try {
    const query = await queryOf(link, options);
    if (options.url === true) return print(await addressOf(link, directory, query));
    const shown = whatOf(options);
    const page = { inspector: options.inspector, shown, context: options.context === true };
    const bridge = await openBridge({ page, address: () => addressOf(link, directory, { ...query, definition: 'each' }) });
    try {
      print(`EXPERIMENTAL: a bridge from the data in ${line} to a Stately Inspector.\n\n${leaving(page).join('\n')}\n`);
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
  if (!isTaskId(id)) throw new TroupeError('INVALID_PARAMS', `${id} is no id of a task`, { fix: 'give one that begins with t_' });
  const found = await link.call('task.get', { taskId: id });
  return plan === undefined ? { ...contexts, taskId: found.task.id } : { ...contexts, rootId: found.task.rootId };
}

function whatOf({ plan, task }: InspectOptions): string {
  if (plan !== undefined) return `the plan of ${plan}`;
  return task === undefined ? 'all sessions and tasks of the data directory' : `the task ${task}`;
}

/** Good once, for a minute. */
async function addressOf(link: Link, directory: string, query: Query): Promise<string> {
  const { ticket } = await link.call('inspection.ticket', {});
  const { url } = await findOwner(directory, AbortSignal.timeout(30_000));
  return `${url.replace(/\/ws$/, '/inspect')}?${new URLSearchParams({ ...query, ticket }).toString()}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
