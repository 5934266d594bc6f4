import { formatTime } from '../clock.ts';
import type { SessionId, TaskId } from '../ids.ts';
import { publish, publishCreated } from '../machines/published.ts';
import { publishSession, publishSessionCreated } from '../machines/session-published.ts';
import { sessionMachineId, sessionMachineVersion } from '../machines/session.ts';
import { dueAtOf } from '../machines/readings.ts';
import { taskMachineId, taskMachineVersion } from '../machines/task.ts';
import type { CommandMark, SessionRecord, TaskRecord, Unit, Write } from '../persistence/store.ts';
import type { SessionEvent, TaskEvent } from '../protocol/event.ts';
import type { Conversation, Part } from './conversation.ts';
import type { SessionPart } from './session-talk.ts';

const rememberedCommands = 32;

/** The command that made the actor stays for ever, the others for as long as they are among the newest. */
function remember(commands: readonly CommandMark[], mark: CommandMark): readonly CommandMark[] {
  return commands.length < rememberedCommands ? [...commands, mark] : [...commands.slice(0, 1), ...commands.slice(2), mark];
}

function recordOf(id: TaskId, part: Part, mark: Omit<CommandMark, 'rev'> | null): TaskRecord {
  const { spec } = part.state.context;
  const { rev } = part;
  const commands = part.resident.record?.commands ?? [];
  return {
    format: 1,
    kind: 'task',
    id,
    project: spec.project,
    rootId: spec.rootId,
    rev,
    machine: { id: taskMachineId, version: taskMachineVersion },
    snapshot: part.state,
    dueAt: dueAtOf(part.state),
    commands: mark === null ? commands : remember(commands, { id: mark.id, payloadHash: mark.payloadHash, rev }),
  };
}

function eventOf(record: TaskRecord, id: TaskId, part: Part, talk: Conversation, commandId: string): TaskEvent {
  const [first, ...rest] = part.taken;
  const shown = part.created || first === undefined ? publishCreated(part.state) : publish([first, ...rest]);
  return {
    v: 1,
    type: shown.type,
    time: formatTime(talk.at),
    taskId: id,
    rootId: record.rootId,
    project: record.project,
    sessionId: part.state.context.spec.sessionId,
    rev: record.rev,
    by: talk.by,
    cause: part.source === null ? { commandId } : { commandId, taskId: part.source },
    data: shown.data,
  };
}

/** A session is always the one that the command addresses. */
function sessionWrite(id: SessionId, part: SessionPart, talk: Conversation, commandId: string, hash: string): Write {
  const { state, rev, resident, taken } = part;
  const { project } = state.context.spec;
  const record: SessionRecord = {
    format: 1,
    kind: 'session',
    id,
    project,
    rev,
    machine: { id: sessionMachineId, version: sessionMachineVersion },
    snapshot: state,
    dueAt: null,
    commands: remember(resident.record?.commands ?? [], { id: commandId, payloadHash: hash, rev }),
  };
  const shown = taken === null ? publishSessionCreated(state) : publishSession(taken.event, taken.from, state);
  const event: SessionEvent = {
    v: 1,
    type: shown.type,
    time: formatTime(talk.at),
    taskId: null,
    rootId: null,
    project,
    sessionId: id,
    rev,
    by: talk.by,
    cause: { commandId },
    data: shown.data,
  };
  return { expectedRev: rev - 1, record, event };
}

/** Everything that a conversation changed, as one unit: one write and one event per task, then per session. */
export function unitOf(talk: Conversation, commandId: string, hash: string): Unit {
  const writes: Write[] = [...talk.parts].map(([id, part]) => {
    const remembers = id === talk.addressed || part.created;
    const record = recordOf(id, part, remembers ? { id: commandId, payloadHash: hash } : null);
    return { expectedRev: record.rev - 1, record, event: eventOf(record, id, part, talk, commandId) };
  });
  for (const [id, part] of talk.sessionParts) writes.push(sessionWrite(id, part, talk, commandId, hash));
  const checks: { id: TaskId | SessionId; rev: number }[] = [...talk.visited].flatMap(([id, { record }]) =>
    talk.parts.has(id) || record === null ? [] : [{ id, rev: record.rev }],
  );
  for (const [id, { record }] of talk.visitedSessions) if (record !== null) checks.push({ id, rev: record.rev });
  return { id: commandId, checks, writes, artifacts: talk.artifacts };
}
