import type { PlannedTaskInput } from '../protocol/methods/given.ts';
import { arrange } from './arrange.ts';
import { readMarkdown } from './read/markdown.ts';
import type { Report } from './report.ts';
import type { SourceFile, SourceTask } from './source.ts';

/** What task.plan is given for a checklist; what is done or cancelled in it is left out, and told. Null when there are faults. */
export function planOf(file: SourceFile, report: Report): PlannedTaskInput | null {
  const read = readMarkdown([file], report, {});
  if (report.faults.length > 0) return null;
  const { trees, done, cancelled } = arrange(read, { done: false }, report);
  const [tree, ...others] = trees;
  if (tree === undefined && report.faults.length === 0)
    report.fault({ file: file.name }, 'has no open item: one is a line like "- [ ] Do it"');
  if (others.length > 0) report.fault({ file: file.name }, 'is too large for one plan: divide it, or use troupe import');
  if (tree === undefined || report.faults.length > 0) return null;
  if (done + cancelled > 0) report.remark({ file: file.name }, `left out: ${done} that are done, ${cancelled} that are cancelled`);
  return inputOf(tree, new Set(trees.flatMap(targetsIn)));
}

const targetsIn = ({ dependsOn, tasks }: SourceTask): string[] => [...dependsOn.map(({ on }) => on), ...tasks.flatMap(targetsIn)];

/** Only who is waited for has a name in the plan; the others are told by their place. */
function inputOf({ key, status, given, dependsOn, tasks }: SourceTask, targets: ReadonlySet<string>): PlannedTaskInput {
  return {
    ...given,
    ...(status === 'group' && { rollUp: 'auto' as const }),
    ...(targets.has(key) && { ref: key }),
    dependsOn: dependsOn.map(({ on }) => on),
    tasks: tasks.map((task) => inputOf(task, targets)),
  };
}
