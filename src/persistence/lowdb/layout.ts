import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where things are in a data directory. */
export interface Layout {
  readonly directory: string;
  readonly checkpoint: string;
  readonly artifacts: string;
  readonly archive: string;
  readonly quarantine: string;
  readonly uploads: string;
  readonly lock: string;
  readonly owner: string;
  /** There when the tasks are in a store that several directories share. */
  readonly elsewhere: string;
  journal(n: number): string;
  /** A content's own file. */
  artifact(sha256: string): string;
  pack(n: number): string;
  /** Beside the file's final place, so that a rename never leaves the file system; removed at a start. */
  temporary(name: string): string;
}

export const journalPattern = /^journal\.(\d+)\.jsonl$/;
export const packPattern = /^(\d+)\.pack$/;
export const temporarySuffix = '.tmp';

export function createLayout(directory: string): Layout {
  let made = 0;
  const artifacts = join(directory, 'artifacts');
  return {
    directory,
    checkpoint: join(directory, 'db.json'),
    artifacts,
    archive: join(directory, 'archive'),
    quarantine: join(directory, 'quarantine'),
    uploads: join(directory, 'uploads'),
    lock: join(directory, 'lock'),
    owner: join(directory, 'owner.json'),
    elsewhere: join(directory, 'elsewhere'),
    journal: (n) => join(directory, `journal.${n}.jsonl`),
    artifact: (sha256) => join(artifacts, sha256.slice(0, 2), sha256),
    pack: (n) => join(artifacts, `${n}.pack`),
    temporary: (name) => join(directory, `${name}.${++made}${temporarySuffix}`),
  };
}

const ignore = `# The store's own files. Roles and templates are the project's: commit them.
*
!.gitignore
!roles/
!roles/**
!templates/
!templates/**
`;

/** Makes the folders and the .gitignore that are missing. */
export async function completeLayout(layout: Layout): Promise<void> {
  for (const folder of [layout.artifacts, layout.archive, layout.quarantine, layout.uploads]) await mkdir(folder, { recursive: true });
  const file = join(layout.directory, '.gitignore');
  await access(file).catch(() => writeFile(file, ignore));
}
