import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { taskId } from '../../protocol/values.ts';

const query = z.object({
  rootId: taskId.optional(),
  taskId: taskId.optional(),
  context: z
    .enum(['0', '1'])
    .default('0')
    .transform((value) => value === '1'),
  definition: z.enum(['once', 'each']).default('once'),
});

/** What is to be inspected. */
export type Asked = z.output<typeof query>;

/** The one path of the port whose query is read: many receivers can be given nothing but a URL. */
export function readQuery({ url = '' }: IncomingMessage): { readonly ticket: string | null; readonly asked: Asked | null } {
  const start = url.indexOf('?');
  const given = new URLSearchParams(start < 0 ? '' : url.slice(start));
  const { data = null } = query.safeParse(Object.fromEntries(given));
  return { ticket: given.get('ticket'), asked: data };
}
