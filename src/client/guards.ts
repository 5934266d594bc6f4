import type { ErrorDetails } from '../errors.ts';
import type { ConnectionOutput } from '../protocol/messages.ts';
import type { ActorEvent } from '../protocol/event.ts';
import { subprotocol } from '../protocol/subprotocol.ts';

/** Where what came over the wire gets its types: only what the client itself relies on is looked at. */

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** The `error` of an answer. Its details are passed on as the service told them. */
export interface WireRefusal {
  readonly message: string;
  readonly data: ErrorDetails & { readonly reason: string; readonly fix: string; readonly retryable: boolean };
}

const isRefusal = (value: unknown): value is WireRefusal =>
  isObject(value) &&
  isText(value['message']) &&
  isObject(value['data']) &&
  isText(value['data']['reason']) &&
  isText(value['data']['fix']) &&
  typeof value['data']['retryable'] === 'boolean';

export interface Incoming {
  readonly id?: string | number | null;
  readonly result?: unknown;
  readonly error?: WireRefusal;
  readonly method?: string;
  readonly params?: unknown;
}

const isIncoming = (value: unknown): value is Incoming =>
  isObject(value) &&
  (value['id'] == null || isText(value['id']) || Number.isInteger(value['id'])) &&
  (value['error'] === undefined || isRefusal(value['error'])) &&
  (value['method'] === undefined || isText(value['method']));

/** A message of the protocol; null for whatever is none. */
export function readMessage(data: unknown): Incoming | null {
  if (!isText(data)) return null;
  try {
    const message: unknown = JSON.parse(data);
    return isIncoming(message) ? message : null;
  } catch {
    return null;
  }
}

export type Hello = ConnectionOutput<'session.hello'>;

export const isHello = (value: unknown): value is Hello =>
  isObject(value) &&
  value['protocol'] === subprotocol &&
  isObject(value['server']) &&
  Array.isArray(value['scopes']) &&
  isCount(value['heartbeatMs']) &&
  value['heartbeatMs'] > 0 &&
  isObject(value['limits']) &&
  isCount(value['limits']['maxMessageBytes']) &&
  isCount(value['limits']['maxInFlight']);

/** An event with its place in the log. */
export type SentEvent = ActorEvent & { readonly position: string };

const isEvent = (value: unknown): value is SentEvent =>
  isObject(value) &&
  value['v'] === 1 &&
  isText(value['position']) &&
  isText(value['type']) &&
  isText(value['time']) &&
  isText(value['taskId'] ?? value['sessionId']) &&
  isCount(value['rev']) &&
  isObject(value['data']);

/** The events of a notification for the view; null when it has none. */
export function eventsOf(method: string, params: unknown): { readonly view: unknown; readonly events: readonly SentEvent[] } | null {
  if (!isObject(params)) return null;
  const { view, events, ...rest } = params;
  if (method === 'events.event') return isEvent(rest) ? { view, events: [rest] } : null;
  if (method !== 'events.batch' || !Array.isArray(events)) return null;
  return { view, events: events.filter(isEvent) };
}

export const isBookmark = (value: unknown): value is { readonly view: string; readonly position: string } =>
  isObject(value) && isText(value['view']) && isText(value['position']);
