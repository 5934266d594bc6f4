import type { Task } from '../../protocol/task.ts';

/** What to call next, by where the task stands. One sentence each; agents follow them. */
export function nextSteps(task: Task): string[] {
  const { id, status, stage, ready, blocked, children, dependsOn } = task;
  if (status === 'in_progress')
    return ['do the work, report with orchestrator_report_progress', `end it with orchestrator_complete_task ${id}`];
  if (status === 'blocked' && blocked?.question != null && blocked.answer === null)
    return [`answer it with orchestrator_answer_question ${id}`];
  if (status === 'blocked') return [`let it go on with orchestrator_update_task ${id}, status pending`];
  if (status === 'failed') return [`try again with orchestrator_update_task ${id}, status pending`];
  if (status === 'completed' || status === 'cancelled' || status === 'archived') return ['find other work with orchestrator_next_task'];
  if (ready) return [`claim it with orchestrator_execute_task ${id}`];
  if (stage === 'waiting' && children.open > 0)
    return [`${children.open} subtasks are open: orchestrator_next_task finds what to do first`];
  const open = dependsOn.filter((dependency) => dependency.status === 'waiting' && !dependency.waived).length;
  return [
    open > 0
      ? `it waits for ${open} other tasks: orchestrator_next_task finds what to do first`
      : 'orchestrator_next_task finds what to do first',
  ];
}
