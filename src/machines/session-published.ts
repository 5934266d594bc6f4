import type { SessionEventType } from '../protocol/event.ts';
import type { Json, JsonObject, SessionStatus } from '../protocol/values.ts';
import type { SessionEventName, SessionMachineEvent, SessionState } from './session-context.ts';

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

const ways: Readonly<Record<SessionStatus, SessionEventName>> = {
  paused: 'PAUSE',
  active: 'RESUME',
  completed: 'COMPLETE',
  archived: 'ARCHIVE',
};

/** What the machine took when it came into the state; each is reached by one event. */
export const sessionEventOf = (status: SessionStatus): SessionEventName => ways[status];
