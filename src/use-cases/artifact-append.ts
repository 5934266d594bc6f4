import { nameOf } from './access.ts';
import type { Handler } from './services.ts';

export const appendArtifact: Handler<'artifact.append'> = async ({ uploads }, { uploadId, offset, content }, caller) => ({
  uploadId,
  offset: uploads.append(uploadId, offset, content, nameOf(caller)),
});
