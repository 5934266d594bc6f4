import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Uploads } from '../../src/actors/uploads.ts';
import { createClock } from '../../src/clock.ts';
import { TroupeError } from '../../src/errors.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';

it('an upload is kept when the store is full or away, and finished when it is there again', async () => {
  const store = createMemoryStore({ clock: createClock() });
  let full = true;
  const uploads = new Uploads({
    store: {
      ...store,
      putArtifact: async (meta, content) => {
        if (full) throw new TroupeError('STORE_UNAVAILABLE', 'no space left');
        return store.putArtifact(meta, content);
      },
    },
  });
  const text = 'the work';
  const sha256 = createHash('sha256').update(text).digest('hex');
  const id = uploads.begin({ type: 'documentation', name: 'work.md', mediaType: 'text/markdown' }, 'me');
  uploads.append(id, 0, text, 'me');
  await expect(uploads.finish(id, sha256, 'me')).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  full = false;
  expect(await uploads.finish(id, sha256, 'me')).toMatchObject({ sha256, bytes: text.length });
  await store.close();
});
