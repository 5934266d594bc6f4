import type { ArtifactId, TaskId } from '../ids.ts';
import type { TaskType } from '../protocol/values.ts';
import type { ArtifactMention, ExecutionInput } from './execution.ts';

/** What to do with this task, and what to call. Built from ids, numbers and our own words only: no text of a task enters here. */

const mostIds = 12;

function idsOf(outcomes: readonly { readonly taskId: TaskId; readonly artifacts: readonly ArtifactMention[] }[]): ArtifactId[] {
  return outcomes.flatMap(({ artifacts }) => artifacts.map(({ id }) => id));
}

function named(ids: readonly string[]): string {
  const more = ids.length - mostIds;
  return ids.slice(0, mostIds).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Types of task whose work differs from the role's ordinary work. */
const byType: Partial<Record<TaskType, string>> = {
  approval: 'This is an approval: begin the summary with "approved" or "refused", then the reason and any conditions.',
  milestone: 'This is a milestone: confirm from the dependencies and children that it is reached, and begin no new work.',
};

function blockedInstructions({ blocked }: ExecutionInput): string[] | null {
  if (blocked === undefined || blocked === null) return null;
  return blocked.question !== null && blocked.answer === null
    ? ['Do not work on the task: it waits for a person to answer the question under Blocked.']
    : ['Do not work on the task: it is blocked for the reason under Blocked. Remove that reason, or leave it to whoever can.'];
}

const byGuidance = {
  feedback: 'Deal with the newest feedback under Guidance: for each of its points, say in the summary what you changed or why you did not.',
  answer: 'A question was answered under Guidance: act on the newest answer, and do not ask the same again.',
  reason: 'Take note of the newest reason under Guidance: it says why the task was opened or freed again.',
} as const;

/** What earlier rounds left to deal with, the most recent first. */
function earlierRounds({ guidance, attempts }: ExecutionInput): string[] {
  const kinds = new Set(guidance.toReversed().map(({ kind }) => kind));
  const steps: string[] = [...kinds].map((kind) => byGuidance[kind]);
  const last = attempts.at(-1);
  if (last?.outcome === 'failed') {
    steps.push(
      `Attempt ${last.number} failed: read its report under Earlier attempts, and go another way where the same way would fail again.`,
    );
  }
  if (last?.outcome === 'expired') {
    steps.push(
      `The lease of attempt ${last.number} ran out: look for what its worker left behind (report, notes, files) before doing it over.`,
    );
  }
  return steps;
}

function reading({ dependencies, reviewOf }: ExecutionInput): string[] {
  const steps: string[] = [];
  const ids = idsOf(dependencies);
  if (ids.length > 0) steps.push(`Read what the dependencies delivered, page by page with artifact.get: ${named(ids)}.`);
  const missing = dependencies.filter(({ status }) => status !== 'completed' && status !== 'archived').map(({ taskId }) => taskId);
  if (missing.length > 0)
    steps.push(`These dependencies are not completed: ${named(missing)}. Work without them, and say in the summary what that costs.`);
  if (reviewOf !== null) {
    const subject = idsOf([reviewOf]);
    const how = subject.length > 0 ? `every artifact of it with artifact.get: ${named(subject)}` : 'its summary, since it has no artifact';
    steps.push(`Judge the work of ${reviewOf.taskId} as it was delivered: read ${how}.`);
  }
  return steps;
}

function synthesis({ children, task }: ExecutionInput): string[] {
  if (children.length === 0) return [];
  const ids = idsOf(children);
  const unhappy = children.filter(({ status }) => status === 'failed' || status === 'cancelled').map(({ taskId }) => taskId);
  return [
    `All ${children.length} children have ended. Combine their results into one that stands without them; do not do their work again.`,
    ...(ids.length > 0
      ? [`Read what they delivered with artifact.get: ${named(ids)}. Look for gaps and contradictions between them.`]
      : []),
    ...(unhappy.length > 0 ? [`Say what is missing because these failed or were cancelled: ${named(unhappy)}.`] : []),
    ...(task.spec.rollUp === 'auto'
      ? ['The task completes by itself when its children succeed; decide whether it is done although they did not all succeed.']
      : []),
  ];
}

function work({ role, task, reviewOf, children }: ExecutionInput): string[] {
  const large = task.spec.complexity === 'complex' || task.spec.complexity === 'very_complex';
  const special = byType[task.spec.type];
  const ordinary = reviewOf === null && children.length === 0;
  return [
    ...(special === undefined ? [] : [special]),
    `Follow the approach of the role ${role.key}, as far as the task calls for it, and write the work in the form that the role asks for.`,
    ...(large && ordinary
      ? ['Store finished parts on the way: task.complete with nextAction "continue" keeps the work and the lease.']
      : []),
    'Report with task.progress before the lease ends; each report renews it.',
  ];
}

function ending({ role, task, reviewOf }: ExecutionInput): string[] {
  const count = task.spec.acceptance.length;
  const criteria =
    count === 0
      ? 'No acceptance criteria were given: say in the summary how you made sure that the work is done.'
      : `Answer ${count === 1 ? 'the acceptance criterion' : `each of the ${count} acceptance criteria`} with one {met, note}, in the order of their numbers; as long as one is not met, nextAction "complete" is refused.`;
  return [
    criteria,
    'When a decision is missing that only a person can take, ask one clear question with task.block instead of guessing.',
    'When it cannot be done, end with task.fail and say what stood in the way; retryable is false if another attempt would not help.',
    reviewOf === null
      ? `Finish with task.complete: a short summary, the work as detailedWork of artifactType "${role.artifactType}" (or uploaded as artifacts), the files touched as filePaths, and nextAction "complete"; "needs_revision" with feedback hands it on unfinished.`
      : `Finish with task.complete and the review as detailedWork: nextAction "complete" approves; "needs_revision" opens ${reviewOf.taskId} again, with feedback that names place, fault and remedy.`,
  ];
}

/** Steps for this task in this situation, in order. */
export function instructionsFor(input: ExecutionInput): string[] {
  return blockedInstructions(input) ?? [...earlierRounds(input), ...reading(input), ...synthesis(input), ...work(input), ...ending(input)];
}

/** The calls that come next. `<lease>` stands for the lease id in the answer. */
export function nextStepsFor(input: ExecutionInput): string[] {
  const { task, blocked, role } = input;
  const target = `"taskId":"${task.id}"`;
  if (blocked !== undefined && blocked !== null) {
    return [
      blocked.question !== null && blocked.answer === null
        ? `task.answer {${target},"answer":"..."}`
        : `task.unblock {${target},"note":"..."}`,
      `task.execute {${target}} when it is pending again`,
    ];
  }
  const held = `${target},"lease":"<lease>"`;
  const [first] = idsOf([...(input.reviewOf === null ? [] : [input.reviewOf]), ...input.dependencies, ...input.children]);
  const acceptance = task.spec.acceptance.length === 0 ? '' : ',"acceptance":[{"met":true,"note":"..."}]';
  return [
    ...(first === undefined ? [] : [`artifact.get {"artifactId":"${first}"}, then the others`]),
    `task.progress {${held},"value":1,"total":4,"message":"..."} while you work`,
    `task.complete {${held},"summary":"...","detailedWork":"...","artifactType":"${role.artifactType}"${acceptance},"nextAction":"complete"} at the end`,
    `task.block {${target},"question":"..."} or task.fail {${held},"error":{"message":"...","retryable":true}} when it cannot go on`,
    'task.claim {"filter":{},"waitMs":30000} for the next task',
  ];
}
