import { nameOf } from './access.ts';
import type { Handler } from './services.ts';

export const beginArtifact: Handler<'artifact.begin'> = async ({ uploads }, input, caller) => ({
  uploadId: uploads.begin(input, nameOf(caller)),
  maxBytes: uploads.maxBytes,
});
