import { nameOf } from './access.ts';
import type { Handler } from './services.ts';

export const finishArtifact: Handler<'artifact.finish'> = async ({ uploads }, { uploadId, sha256 }, caller) => {
  const artifact = await uploads.finish(uploadId, sha256, nameOf(caller));
  return { artifactId: artifact.id, artifact };
};
