import { existsSync } from 'node:fs';
import { copyStore } from '../persistence/lowdb/copy-store.ts';
import type { Examined } from '../persistence/lowdb/examine.ts';
import { createLayout } from '../persistence/lowdb/layout.ts';
import { writeAnew } from '../persistence/lowdb/write-anew.ts';
import { TroupeError } from '../errors.ts';
import { CommandFailure } from './command-failure.ts';
import { existingData } from './data-directory.ts';
import { exits } from './exit-codes.ts';
import { printJson, say } from './output.ts';
import { withProgress } from './progress.ts';
import { staged } from './staging.ts';

export interface BackupOptions {
  readonly data?: string;
  readonly json?: true;
}

/** Checkpoints are minutes apart; copies that one broke are made again. */
const mostAttempts = 5;

export async function backup(target: string, options: BackupOptions): Promise<void> {
  const { directory } = existingData(options.data);
  const examined = await copied(directory, target, options);
  report(options, target, examined, `${directory} is in`);
}

async function copied(directory: string, target: string, options: BackupOptions): Promise<Examined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await staged(target, (into) => copy(directory, into, options));
    } catch (error) {
      if (!(error instanceof BrokenCopy) || attempt === mostAttempts) throw error;
    }
  }
}

export async function restore(from: string, options: BackupOptions): Promise<void> {
  if (options.data === undefined || options.data === '')
    throw new TroupeError('INVALID_PARAMS', 'nothing says where to restore to', { fix: 'name the data directory with --data' });
  const examined = await staged(options.data, async (into) => {
    const found = await copy(from, into, options);
    const { recovered } = found;
    if (recovered !== null) await writeAnew(createLayout(into), { ...recovered, setAside: recovered.setAside.map(({ text }) => text) });
    return found;
  });
  report(options, options.data, examined, `${from} is restored to`);
}

/** A copy that can't be read whole: the original can't be either, or a checkpoint came between. */
class BrokenCopy extends CommandFailure {}

async function copy(from: string, into: string, options: BackupOptions): Promise<Examined> {
  if (!existsSync(from)) throw new CommandFailure(exits.notFound, `there is no directory ${from}: name one that holds a store`);
  const examined = await withProgress(options, (tell) => copyStore(from, into, tell));
  if (examined.damage !== null)
    throw new BrokenCopy(exits.failed, `${from} can't be copied whole: ${examined.damage.replaceAll(into, from)}`);
  if (examined.recovered === null) throw new CommandFailure(exits.notFound, `there is no store in ${from}: name another directory`);
  return examined;
}

function report({ json }: BackupOptions, target: string, { recovered, contents, problems }: Examined, words: string): void {
  const records = (recovered?.entries.length ?? 0) + (recovered?.archive.size ?? 0);
  if (json === true) printJson({ directory: target, records, contents, problems });
  else {
    process.stdout.write(`${target}\n`);
    say(`${words} ${target}: ${records} records, ${contents} artifacts`);
    for (const problem of problems) say(`  ${problem}`);
  }
}
