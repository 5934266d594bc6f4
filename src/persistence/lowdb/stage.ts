import { TroupeError } from '../../errors.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import type { CommitOutcome, Unit } from '../store.ts';
import type { StagedUnit } from './adapter.ts';
import { encodeContent, inlineBytes } from './artifacts.ts';
import type { Artifacts } from './artifacts.ts';
import type { InlineContent, JournalUnit } from './read-journal.ts';
import type { Revisions } from './revisions.ts';
import { messageOf } from './system-error.ts';
import type { Uploads } from './uploads.ts';

/** The largest unit, as JSON with its small artifacts. */
const unitBytes = 64 * 1024 * 1024;

const refused = (error: TroupeError): CommitOutcome => ({ status: 'refused', error });

/** Makes a unit ready for the journal, or says why it can't be committed. Only what is staged here counts for the units after it. */
export function stageUnit(
  unit: Unit,
  { revisions, artifacts, uploads }: { readonly revisions: Revisions; readonly artifacts: Artifacts; readonly uploads: Uploads },
): StagedUnit | CommitOutcome {
  const ids = revisions.conflicts(unit);
  if (ids.length > 0) return { status: 'conflict', ids };
  const gap = unit.writes.find(({ expectedRev, record }) => record.rev !== expectedRev + 1);
  if (gap !== undefined)
    return refused(new TroupeError('INTERNAL', `revision ${gap.record.rev} of ${gap.record.id} follows on ${gap.expectedRev}`));

  const encoded: InlineContent[] = [];
  const inline: [string, Uint8Array][] = [];
  const files: [string, Uint8Array][] = [];
  const claims: ArtifactRef[] = [];
  for (const { ref, content } of unit.artifacts) {
    if (content !== null && content.length <= inlineBytes && !artifacts.isFull) {
      encoded.push(encodeContent(ref.sha256, content));
      inline.push([ref.sha256, content]);
      continue;
    }
    if (content === null) claims.push(ref);
    else files.push([ref.sha256, content]);
  }

  const line: JournalUnit = { id: unit.id, writes: unit.writes, ...(encoded.length > 0 && { artifacts: encoded }) };
  let text: string;
  try {
    text = JSON.stringify(line);
  } catch (error) {
    return refused(new TroupeError('INTERNAL', `the unit can't be written as JSON: ${messageOf(error)}`));
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > unitBytes) {
    const limit = { name: 'unitBytes', max: unitBytes, actual: bytes };
    return refused(new TroupeError('LIMIT_EXCEEDED', `the unit is ${bytes} bytes long, at most ${unitBytes} are possible`, { limit }));
  }
  const missing = uploads.claim(claims.map(({ id }) => id));
  if (missing !== null) return refused(new TroupeError('ARTIFACT_NOT_FOUND', `there is no upload ${missing} to claim`));

  revisions.stage(unit);
  const pinned = [...files.map(([sha256]) => sha256), ...claims.map(({ sha256 }) => sha256)];
  for (const sha256 of pinned) artifacts.pin(sha256);
  const staged: StagedUnit = { unit, at: performance.now(), text, bytes, inline, pinned, ready: null, position: '' };
  if (files.length > 0) {
    const ready = writeFiles(files, artifacts).then(() => {
      staged.ready = null;
    });
    // Whoever writes the line waits for it; until then a failure is nobody's yet.
    ready.catch(() => {});
    staged.ready = ready;
  }
  return staged;
}

async function writeFiles(files: readonly [string, Uint8Array][], artifacts: Artifacts): Promise<void> {
  for (const [sha256, content] of files) await artifacts.write(sha256, content);
}
