import type { SessionEventType } from '../protocol/event.ts';
import type { Json, JsonObject, SessionStatus } from '../protocol/values.ts';
import type { SessionMachineEvent, SessionState } from './session-context.ts';

/** What the world is shown of what a session took: one event per write. */

interface Shown {
  readonly type: SessionEventType;
  readonly data: JsonObject;
}

export function publishSessionCreated({ value, context: { spec } }: SessionState): Shown {
  return { type: 'session.created', data: { status: value, title: spec.title, workingDirectory: spec.workingDirectory } };
}

const clipped = (text: string | null): string | null =>
  text === null || text.length <= 500 ? text : `${text.slice(0, 500).toWellFormed()}…`;

export function publishSession(event: SessionMachineEvent, from: SessionStatus, { value }: SessionState): Shown {
  const data: Record<string, Json> = { status: value };
  if (from !== value) data['from'] = from;
  if (event.type === 'PAUSE') data['reason'] = clipped(event.reason);
  if (event.type === 'COMPLETE') data['summary'] = clipped(event.summary);
  return { type: 'session.changed', data };
}
