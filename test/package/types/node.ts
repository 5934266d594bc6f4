import { createLog, createTroupe, TroupeError } from 'troupe';
import type { Troupe, WireError } from 'troupe';
import { connect, TerminalError } from 'troupe/client';
import { openPostgres } from 'troupe/postgres';
import type { Client, LiveView, Row } from 'troupe/client';
import type { allowedEvents, taskMachineId } from 'troupe/machines';

/** Compiled against the installed package: what its users' compilers see in Node. */

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._: Same<A, B> extends true ? [] : ['not the same']): void => {};

export async function embedded(): Promise<void> {
  const troupe: Troupe = await createTroupe({ data: '.troupe', port: 0, logger: createLog('silent').logger });
  same<Troupe['url'], string>();
  // @ts-expect-error The data directory has no default.
  await createTroupe({ port: 0 });
  await createTroupe({ data: '.node', openStore: () => openPostgres({ url: 'postgres://127.0.0.1/troupe' }) });
  await troupe.close();
}

export async function called(): Promise<void> {
  const client: Client = connect({ url: 'http://127.0.0.1:7420', token: () => Promise.resolve('secret') });
  const plan = await client.task.plan({
    title: 'Tea',
    tasks: [
      { ref: 'boil', title: 'Boil' },
      { title: 'Pour', dependsOn: ['boil'] },
    ],
  });
  same<typeof plan.tasks, Record<string, `t_${string}`>>();
  // @ts-expect-error A plan has a title.
  await client.task.plan({ tasks: [] });
  // @ts-expect-error There is no such method.
  await client.task.divide({});
  // @ts-expect-error `client.events` does what it is for.
  await client.events.subscribe({});

  const run = await client.claim({ specialist: ['coder'] }, { waitMs: 1_000 });
  same<typeof run.signal, AbortSignal>();
  await run.complete({ summary: 'Done.' });

  const worker = await client.work({}, async ({ task }, signal) => {
    signal.throwIfAborted();
    if (task.title === '') throw new TerminalError('nothing to do');
    return 'Done.';
  });
  await worker.stop();

  const view: LiveView<'title' | 'status'> = await client.view({ filter: {}, fields: ['title', 'status'] });
  for (const row of view.items.values()) {
    same<typeof row, Row<'title' | 'status'>>();
    // @ts-expect-error It was not asked for.
    same<typeof row.description, string>();
  }
  for await (const item of client.events({ project: 'tea' })) {
    if (item.kind === 'event') same<typeof item.event.time, string>();
    // @ts-expect-error Only events have one.
    else same<typeof item.event, never>();
  }
}

export const reasonOf = (error: unknown): WireError['data']['reason'] | null => (error instanceof TroupeError ? error.reason : null);

same<typeof taskMachineId, 'task'>();
same<ReturnType<typeof allowedEvents>[number], string>();
