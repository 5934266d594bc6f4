import { TroupeError } from '../errors.ts';
import type { Issue } from '../errors.ts';

/** More faults than these help nobody. */
const toldIssues = 20;

/** `templates/user/release.json5: tasks.tag.title: is missing (line 12)` */
function sentence({ file, path, message, line }: Issue): string {
  const parts = [file, path, message].filter((part) => part !== undefined && part !== '');
  return parts.join(': ') + (line === undefined ? '' : ` (line ${line})`);
}

/** TEMPLATE_INVALID with every fault; the first one is the message. */
export function invalidTemplate(issues: readonly Issue[]): TroupeError {
  const [first] = issues;
  const more = issues.length - 1;
  const message = first === undefined ? 'is no template' : sentence(first);
  return new TroupeError('TEMPLATE_INVALID', more > 0 ? `${message}, and ${more} more` : message, { issues: issues.slice(0, toldIssues) });
}

/** The faults of a template that was refused; any other error goes on. */
export function issuesOfFault(error: unknown): readonly Issue[] {
  if (error instanceof TroupeError && error.reason === 'TEMPLATE_INVALID') return error.details.issues ?? [];
  throw error;
}
