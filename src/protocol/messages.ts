import * as z from 'zod';
import { TroupeError } from '../errors.ts';
import { event, scopes } from './methods/row.ts';
import { plainWords } from './plain-words.ts';
import { subprotocol } from './subprotocol.ts';
import { position } from './values.ts';
import type { Issue, WireError } from '../errors.ts';

/** The envelope of `troupe.v1` (JSON-RPC 2.0), the methods of a connection itself, and what the service sends unasked. */

export const requestId = z.union([z.string().min(1).max(128), z.int()]);
export type RequestId = z.output<typeof requestId>;

/** One request. Strict: unknown members are refused, and so are notifications, since a command without an answer tells nobody what it did. */
export const request = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: requestId,
  method: z.string().min(1).max(64),
  /** The method's own schema decides; absent means `{}`. */
  params: z.unknown().optional(),
});
export type Request = z.output<typeof request>;

export type Response =
  | { readonly jsonrpc: '2.0'; readonly id: RequestId; readonly result: unknown }
  /** The id is null when the message was too broken to have one. */
  | { readonly jsonrpc: '2.0'; readonly id: RequestId | null; readonly error: WireError };

/** Tells processes of one token apart. */
const worker = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, '1 to 64 letters, digits and . _ : - only');

const label = z.string().min(1).max(64);

/** What belongs to one connection and is answered by the transport itself, beside the rows of `methods`. */
export const connectionMethods = {
  'session.hello': {
    summary: 'The first message: who connects. Answers the scopes, the position of the log and the limits.',
    input: z.strictObject({
      /** May be left out when the upgrade carried it in its Authorization header. */
      token: z.string().min(1).max(256).optional(),
      client: z.strictObject({ name: label, version: label }).optional(),
      worker: worker.optional(),
    }),
    output: z.object({
      protocol: z.literal(subprotocol),
      server: z.object({ name: z.string(), version: z.string() }),
      scopes: z.array(z.enum(scopes)),
      /** The projects that the token opens; null for all. */
      projects: z.array(z.string()).nullable(),
      position,
      heartbeatMs: z.int(),
      limits: z.object({ maxMessageBytes: z.int(), maxInFlight: z.int(), maxSubscriptions: z.int() }),
    }),
  },
  'system.ping': {
    summary: 'Answers at once, with the position of the log.',
    input: z.strictObject({}),
    output: z.object({ position }),
  },
  'request.cancel': {
    summary: 'Withdraws a request of this connection that waits; it is answered with CANCELLED. False when it was answered before.',
    input: z.strictObject({ id: requestId }),
    output: z.object({ cancelled: z.boolean() }),
  },
} as const;

type ConnectionMethod = keyof typeof connectionMethods;
export type ConnectionOutput<M extends ConnectionMethod> = z.input<(typeof connectionMethods)[M]['output']>;

/** An event as it is sent: the log's event with its position. */
export const sentEvent = event.extend({ position });

/** What the service sends unasked, by method. Clients ignore members and methods that they don't know. */
export const notifications = {
  'events.event': {
    summary: 'One event of a view.',
    params: sentEvent.extend({ view: z.string() }),
  },
  'events.batch': {
    summary: 'The events of up to `batchMs`, in order, for views that asked for it.',
    params: z.looseObject({ view: z.string(), events: z.array(sentEvent).min(1) }),
  },
  'events.bookmark': {
    summary: 'Everything of the view up to here was sent: after the replay, then with each heartbeat.',
    params: z.looseObject({ view: z.string(), position }),
  },
  'events.closed': {
    summary: 'The view ends; resume from the position elsewhere, or here after a restart.',
    params: z.looseObject({ view: z.string(), reason: z.string(), position }),
  },
} as const;

/** More faults than these help nobody. */
const toldIssues = 20;

/** The faults of a refused input with their places inside it. */
export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.flatMap((issue) => faultsAt(issue, '')).slice(0, toldIssues);
}

/** INVALID_PARAMS with every fault; the first one is the message. */
export function invalidParams(error: z.ZodError): TroupeError {
  const issues = issuesOf(error);
  const [first] = issues;
  const where = first === undefined || first.path === '' ? 'params' : first.path;
  return new TroupeError('INVALID_PARAMS', `${where}: ${first?.message ?? 'not what the method takes'}`, { issues });
}

function faultsAt(issue: z.core.$ZodIssue, root: string): Issue[] {
  const place = pathText(issue.path, root);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: pathText([key], place), message: 'no such member' }));
  if (issue.code === 'invalid_union') {
    // Of several shapes, the one that was meant is the first that is not of another type altogether.
    const meant = issue.errors.find((faults) => !faults.some(({ code, path }) => code === 'invalid_type' && path.length === 0));
    if (meant !== undefined) return meant.flatMap((fault) => faultsAt(fault, place));
  }
  // The rule that a key breaks says more than that it breaks one.
  const [rule] = issue.code === 'invalid_key' ? issue.issues : [];
  return [{ path: place, message: plainWords(rule ?? issue) }];
}

/** A place as a client would write it: `tasks[2].title`. */
export function pathText(path: readonly PropertyKey[], root = ''): string {
  let text = root;
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}
