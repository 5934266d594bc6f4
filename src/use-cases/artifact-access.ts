import { TroupeError } from '../errors.ts';
import type { ArtifactId } from '../ids.ts';
import type { ArtifactRef } from '../protocol/task.ts';
import { readTask } from './access.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';

/** An artifact that the caller may read: of a task that it may see, or an upload of its own. */
export async function openArtifact(services: Services, id: ArtifactId, caller: Caller): Promise<ArtifactRef> {
  const ref = await services.store.artifact(id);
  if (ref === null || (ref.taskId === null && ref.createdBy.split('/')[0] !== caller.name))
    throw new TroupeError('ARTIFACT_NOT_FOUND', `there is no artifact ${id}`);
  if (ref.taskId !== null) await readTask(services, ref.taskId, caller);
  return ref;
}
