import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../support/data-directory.ts';

/** A data directory with so many tasks, at rest, with a checkpoint; removed when the test ends. */
export async function makeTasks(program: string, tasks: number, seed: number): Promise<string> {
  const directory = await temporaryDirectory();
  await promisify(execFile)(process.execPath, ['--max-old-space-size=4096', program, directory, String(tasks), String(seed)]);
  return directory;
}
