import { formatTime } from '../../src/clock.ts';
import { encodeId } from '../../src/ids.ts';
import type { SessionId } from '../../src/ids.ts';
import { newSession } from '../../src/machines/session-context.ts';
import type { SessionContext, SessionSpec } from '../../src/machines/session-context.ts';
import type { SessionRecord, Write } from '../../src/persistence/store.ts';
import type { SessionStatus } from '../../src/protocol/values.ts';
import { deepFreeze, noon } from './records.ts';

/** Sessions for tests, deep-frozen as all records. */

/** Ids by number; they sort as their numbers do. */
export const sessionId = (n: number): SessionId => {
  const bytes = new Uint8Array(17);
  new DataView(bytes.buffer).setUint32(0, n);
  return encodeId('s', bytes);
};

function recordOf(id: SessionId, rev: number, value: SessionStatus, context: SessionContext): SessionRecord {
  return deepFreeze({
    format: 1,
    kind: 'session',
    id,
    project: context.spec.project,
    rev,
    machine: { id: 'session', version: 1 },
    snapshot: { value, context },
    dueAt: null,
    commands: [{ id: `command-${rev}`, payloadHash: 'none', rev }],
  });
}

/** A session at its first revision, active unless `status` says otherwise. */
export function sessionRecord(id: SessionId, spec: Partial<SessionSpec> = {}, status: SessionStatus = 'active'): SessionRecord {
  const given = { project: 'default', title: 'Importer', workingDirectory: null, context: {}, createdAt: noon, createdBy: 'tester' };
  return recordOf(id, 1, status, newSession({ ...given, ...spec }));
}

/** Its next revision, a second later. */
export function nextSession({ id, rev, snapshot }: SessionRecord, status: SessionStatus): SessionRecord {
  const { context } = snapshot;
  return recordOf(id, rev + 1, status, { ...context, marks: { ...context.marks, updatedAt: context.marks.updatedAt + 1_000 } });
}

export function sessionWrite(record: SessionRecord): Write {
  const { id, rev, project, snapshot } = record;
  return deepFreeze({
    expectedRev: rev - 1,
    record,
    event: {
      v: 1,
      type: rev === 1 ? 'session.created' : 'session.changed',
      time: formatTime(snapshot.context.marks.updatedAt),
      taskId: null,
      rootId: null,
      project,
      sessionId: id,
      rev,
      by: 'tester',
      cause: { commandId: `command-${rev}` },
      data: { status: snapshot.value },
    },
  });
}
