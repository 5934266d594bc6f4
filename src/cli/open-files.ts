import * as z from 'zod';

/** What the store, its artifacts and answers over HTTP may have open at once, beside connections. */
const reserved = 128;

const report = z.object({ userLimits: z.object({ open_files: z.object({ soft: z.union([z.number(), z.literal('unlimited')]) }) }) });

/**
 * How many of the wanted connections the limit of open files leaves room for (`ulimit -n`): one connection more than that, and
 * checkpoints would fail for want of a handle. At least 1; what was wanted where the system has no such limit.
 */
export function connectionsWithin(wanted: number, openFiles: number | null = openFilesLimit()): number {
  return openFiles === null ? wanted : Math.max(1, Math.min(wanted, openFiles - reserved));
}

function openFilesLimit(): number | null {
  if (process.report === undefined) return null;
  const parsed = report.safeParse(process.report.getReport());
  const soft = parsed.data?.userLimits.open_files.soft;
  return typeof soft === 'number' ? soft : null;
}
