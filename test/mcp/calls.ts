import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import * as z from 'zod';
import { answer } from './connect.ts';

/** Calls that several tests make. */

/** Arguments of `template_instantiate` that are right. */
export const bugFix = {
  template_id: 'bug-fix',
  parameters: { summary: 'Umlauts are lost', component: 'import', report: 'I imported a file, and Grün became Gr?n.' },
};

const status = z.looseObject({ current_status: z.looseObject({ phase: z.string(), progress: z.int() }) });
export type RestartStatus = z.output<typeof status>;

/** Asks again and again, as clients do, until the restart is over. */
export async function comeBack(client: Client): Promise<RestartStatus> {
  let last: unknown;
  for (const until = performance.now() + 10_000; performance.now() < until; await pause(10)) {
    try {
      const told = status.parse(await answer(client, 'orchestrator_restart_status', { include_history: true }));
      if (told.current_status.phase === 'running' && told.current_status.progress === 100) return told;
      last = told;
    } catch (error) {
      last = error;
    }
  }
  throw new Error('the service does not come back', { cause: last });
}
