import { arrange } from '../exchange/arrange.ts';
import type { Arranged } from '../exchange/arrange.ts';
import { formatOf, readerNames, readers } from '../exchange/formats.ts';
import { reconcile } from '../exchange/reconcile.ts';
import type { Steps } from '../exchange/reconcile.ts';
import { printable, Report, sentenceOf } from '../exchange/report.ts';
import { everySource } from '../exchange/arrange.ts';
import { TroupeError } from '../errors.ts';
import type { CommonOptions } from './call.ts';
import { carryOut, findExisting } from './carry-out.ts';
import type { CarriedOut } from './carry-out.ts';
import { readSource } from './import-files.ts';
import { connect } from './connect.ts';
import { hasData } from './data-directory.ts';
import { startProgress } from './progress.ts';
import type { Telling } from './progress.ts';
import { printJson, printLines, say } from './output.ts';

export interface ImportOptions extends CommonOptions {
  readonly format?: string;
  readonly project: string;
  readonly source?: string;
  readonly done?: true;
  readonly update?: true;
  readonly dryRun?: true;
}

const usage = 2;
const toldFaults = 20;
const toldRemarks = 50;

export async function importTasks(path: string, options: ImportOptions): Promise<void> {
  const { files, folder } = await readSource(path);
  const report = new Report();
  const format = options.format ?? formatOf(files, report);
  if (report.faults.length > 0) return refuse(report);
  const reader = format === null ? undefined : readers[format];
  if (format === null || reader === undefined)
    throw new TroupeError('INVALID_PARAMS', `${printable(path)} is in no format that is known`, {
      fix: `name it with --format: ${readerNames.join(', ')}`,
    });
  const read = reader.read(files, report, { source: options.source, folder });
  const arranged = arrange(read, { done: options.done === true }, report);
  if (report.faults.length > 0) return refuse(report);
  const isDry = options.dryRun === true;
  // Where nothing is yet, all of it would be made; to tell that, nothing is begun.
  const link = isDry && !hasData(options) ? null : connect(options, { makes: !isDry });
  const progress = startProgress(options);
  const telling: Telling = (what, done, total) => progress.at(what, done, total);
  try {
    const existing = link === null ? new Map() : await findExisting(link, arranged.trees, options.project, telling);
    const steps = reconcile(arranged.trees, existing, { update: options.update === true, done: options.done === true }, report);
    const result = link === null || isDry ? wouldBe(steps) : await carryOut(link, steps, existing, options.project, report, telling);
    progress.end();
    tell({ format, options, arranged, steps, result, report });
  } finally {
    progress.end();
    await link?.close();
  }
}

function refuse({ faults }: Report): void {
  for (const fault of faults.slice(0, toldFaults)) say(`troupe: ${sentenceOf(fault)}`);
  if (faults.length > toldFaults) say(`troupe: and ${faults.length - toldFaults} more`);
  process.exitCode = usage;
}

const wouldBe = ({ makes, edits, edges, completions }: Steps): Result => ({
  made: makes.flatMap((make) => [...everySource([make.task])].map((task) => ({ id: null, task }))),
  edited: edits.length,
  connected: edges.length,
  completed: completions.length,
});

interface Result extends Omit<CarriedOut, 'made'> {
  readonly made: readonly { readonly id: string | null; readonly task: CarriedOut['made'][number]['task'] }[];
}

interface Told {
  readonly format: string;
  readonly options: ImportOptions;
  readonly arranged: Arranged;
  readonly steps: Steps;
  readonly result: Result;
  readonly report: Report;
}

/** What was made on standard output, what there is to say of it on standard error. */
function tell({ format, options, arranged, steps, result, report }: Told): void {
  const { made, edited, connected, completed } = result;
  const leftOut = { done: arranged.done, cancelled: arranged.cancelled };
  if (options.json === true) {
    const tasks = made.map(({ id, task: { externalId, given } }) => ({ ...(id !== null && { id }), externalId, title: given.title }));
    const { remarks, members } = report;
    const counts = { edited, connected, completed, unchanged: steps.unchanged, leftOut };
    const whole = {
      format,
      dryRun: options.dryRun === true,
      made: tasks,
      ...counts,
      remarks,
      unmapped: Object.fromEntries(members),
    };
    return printJson(whole);
  }
  printLines(made.map(({ id, task }) => `${id ?? '-'}  ${printable(task.given.title)}`));
  for (const remark of report.remarks.slice(0, toldRemarks)) say(sentenceOf(remark));
  if (report.remarks.length > toldRemarks) say(`and ${report.remarks.length - toldRemarks} more remarks: --json has them all`);
  const unmapped = [...report.members].map(([member, count]) => `${printable(member)} (${count})`);
  if (unmapped.length > 0) say(`not mapped: ${unmapped.slice(0, 30).join(', ')}`);
  const verbs = options.dryRun === true ? 'would make' : 'made';
  const parts = [
    `${verbs} ${made.length} tasks`,
    ...(edited + connected > 0 ? [`changed ${edited}, with ${connected} new edges`] : []),
    ...(completed > 0 ? [`completed ${completed}`] : []),
    ...(steps.unchanged > 0 ? [`${steps.unchanged} were there`] : []),
    ...(leftOut.done > 0 ? [`left out ${leftOut.done} that are done (--done takes them along)`] : []),
    ...(leftOut.cancelled > 0 ? [`left out ${leftOut.cancelled} that are cancelled`] : []),
  ];
  say(`read as ${format}: ${parts.join('; ')}`);
}
