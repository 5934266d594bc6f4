import { readFile, writeFile } from 'node:fs/promises';
import { TroupeError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { systemCode } from './system-error.ts';

/** The kind of the store that a data directory's tasks are in, when they are not in the directory; null when nothing says so. */
export async function elsewhereOf({ elsewhere }: Layout): Promise<string | null> {
  try {
    return (await readFile(elsewhere, 'utf8')).trim();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Says that the directory's tasks are in a store that other directories share. */
export async function markElsewhere(directory: string, kind: Store['kind']): Promise<void> {
  const layout = createLayout(directory);
  if ((await elsewhereOf(layout)) !== kind) await writeFile(layout.elsewhere, `${kind}\n`);
}

/** START_FAILED when the tasks are elsewhere: an empty store beside them would look like a loss. */
export async function refuseElsewhere(layout: Layout): Promise<void> {
  const kind = await elsewhereOf(layout);
  if (kind !== null)
    throw new TroupeError('START_FAILED', `the tasks of ${layout.directory} are not in it, but in a store elsewhere (${kind})`, {
      fix: `give its address with --store or TROUPE_STORE; or, for tasks in the directory itself, remove ${layout.elsewhere}`,
    });
}
