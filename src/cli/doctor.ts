import { closeSync, existsSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { copyStore } from '../persistence/lowdb/copy-store.ts';
import { examine } from '../persistence/lowdb/examine.ts';
import type { Examined, Telling } from '../persistence/lowdb/examine.ts';
import { elsewhereOf } from '../persistence/lowdb/elsewhere.ts';
import { createLayout } from '../persistence/lowdb/layout.ts';
import { tornText } from '../persistence/lowdb/line.ts';
import { salvage } from '../persistence/lowdb/salvage.ts';
import { table } from './columns.ts';
import { CommandFailure } from './command-failure.ts';
import { existingData } from './data-directory.ts';
import { checkFiles } from './doctor-files.ts';
import type { Check } from './doctor-files.ts';
import { exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { readOwner } from './owner-file.ts';
import { printJson, printLines, say, screen } from './output.ts';
import type { Style } from './output.ts';
import { withProgress } from './progress.ts';
import { staged } from './staging.ts';

export interface DoctorOptions {
  readonly data?: string;
  readonly json?: true;
  readonly salvage?: string;
}

const styles: Readonly<Record<Check['status'], Style>> = { ok: 'green', warning: 'yellow', fault: 'red' };
/** What `--salvage` is for. */
const stored: ReadonlySet<string> = new Set(['store', 'record']);
const leastNode = [20, 19] as const;
const usualPort = 7420;
/** A service that writes a checkpoint meanwhile can make a whole store look damaged. */
const mostReadings = 3;

export async function doctor(options: DoctorOptions): Promise<Exit> {
  const { directory } = existingData(options.data);
  if (options.salvage !== undefined) return await recoverInto(directory, options.salvage, options);
  const isOwned = await isLocked(directory);
  const checks = [
    checkNode(),
    checkLock(directory, isOwned),
    await checkPort(isOwned),
    ...(await withProgress(options, (tell) => checkStore(directory, isOwned, tell))),
    ...(await checkFiles(directory)),
  ];
  if (options.json === true) printJson({ directory, checks });
  else {
    const columns = [
      { name: 'STATUS', of: ({ status }: Check) => status, paint: styled },
      { name: 'CHECK', of: ({ name }: Check) => name },
      { name: 'DETAIL', of: ({ detail }: Check) => detail },
    ];
    // What is wrong is told whole, however wide it is.
    printLines(table(checks, columns, { ...screen(), columns: null }));
  }
  const isWell = checks.every(({ status }) => status !== 'fault');
  const isStoreWell = checks.every(({ name, status }) => status !== 'fault' || !stored.has(name));
  if (!isStoreWell && options.json !== true) say('To recover what can be: troupe doctor --salvage NEW_DIRECTORY');
  return isWell ? exits.ok : exits.failed;
}

const styled = ({ paint }: ReturnType<typeof screen>, text: string, { status }: Check): string => paint(styles[status], text);

async function recoverInto(directory: string, target: string, options: DoctorOptions): Promise<Exit> {
  if (await isLocked(directory))
    throw new CommandFailure(exits.conflict, `a service runs on ${directory}: stop it first, or make a backup`);
  const { records, lost, problems } = await staged(target, async (into) => {
    await withProgress(options, (tell) => copyStore(directory, into, tell));
    const salvaged = await salvage(into);
    const { damage, problems: left } = await withProgress(options, (tell) => examine(into, tell));
    return { ...salvaged, problems: damage === null ? left : [...left, damage] };
  });
  if (options.json === true) printJson({ directory: resolve(target), records, lost, problems });
  else {
    process.stdout.write(`${target}\n`);
    say(`${records} records are in ${target}; ${directory} is as it was`);
    for (const what of [...lost, ...problems]) say(`  lost: ${what}`);
  }
  return exits.ok;
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return { name: 'node', status: isNew ? 'ok' : 'fault', detail: `${process.versions.node}; ${leastNode.join('.')} or newer is needed` };
}

/** Taken and given back at once; a file that is not there is not made. */
async function isLocked(directory: string): Promise<boolean> {
  const { lock } = createLayout(directory);
  if (!existsSync(lock)) return false;
  const { tryLock } = await import('fs-native-extensions');
  // A lock is a write's to have, but nothing is written.
  const descriptor = openSync(lock, 'r+');
  try {
    return !tryLock(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function checkLock(directory: string, isOwned: boolean): Check {
  if (!isOwned) return { name: 'lock', status: 'ok', detail: 'no service runs on it' };
  const owner = readOwner(directory);
  const who = owner === null ? 'one that has not said who it is' : `process ${owner.pid}, ${owner.address ?? 'which has no address yet'}`;
  return { name: 'lock', status: 'ok', detail: `a service runs on it: ${who}` };
}

async function checkPort(isOwned: boolean): Promise<Check> {
  const name = 'port';
  if (isOwned) return { name, status: 'ok', detail: 'the service has one' };
  const fault = await new Promise<string | null>((done) => {
    const server = createServer();
    server.once('error', (error) => done(error.message));
    server.listen({ host: '127.0.0.1', port: usualPort }, () => server.close(() => done(null)));
  });
  if (fault === null) return { name, status: 'ok', detail: `${usualPort} is free` };
  return { name, status: 'warning', detail: `${usualPort} can't be had (${fault}): start with another --port` };
}

async function checkStore(directory: string, isOwned: boolean, tell: Telling): Promise<Check[]> {
  const kind = await elsewhereOf(createLayout(directory));
  if (kind !== null) return [{ name: 'store', status: 'ok', detail: `${kind}, which is not looked at here` }];
  let found = await examine(directory, tell);
  for (let left = isOwned ? mostReadings - 1 : 0; found.damage !== null && left > 0; left -= 1) found = await examine(directory, tell);
  return storeChecks(found);
}

function storeChecks({ damage, recovered, problems, contents, quarantined }: Examined): Check[] {
  const set: Check = {
    name: 'quarantine',
    status: quarantined.length === 0 ? 'ok' : 'warning',
    detail: quarantined.length === 0 ? 'empty' : quarantined.join(', '),
  };
  if (damage !== null) return [{ name: 'store', status: 'fault', detail: damage }, set];
  if (recovered === null) return [{ name: 'store', status: 'ok', detail: 'none yet' }, set];
  const { entries, archive, newest, head } = recovered;
  const { torn } = newest.end;
  const records = `${entries.length} records, ${archive.size} archived, ${head.seq} events`;
  return [
    { name: 'store', status: 'ok', detail: records },
    {
      name: 'journal',
      status: torn === null ? 'ok' : 'warning',
      detail:
        torn === null
          ? `${newest.end.lines} lines`
          : `ends in ${tornText(torn.bytes)}; a start cuts its ${torn.bytes.length} bytes and keeps them in quarantine/`,
    },
    set,
    { name: 'artifacts', status: 'ok', detail: `${contents} have the hash that they are known by` },
    ...problems.map((detail): Check => ({ name: 'record', status: 'fault', detail })),
  ];
}
