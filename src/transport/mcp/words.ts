import { snake } from './arguments.ts';

/** The service speaks in methods and members of its protocol; agents know tools and arguments. */

/** The tool that carries each method which advice and instructions name. */
const toolOf: Readonly<Record<string, string>> = {
  'task.plan': 'orchestrator_plan_task',
  'task.create': 'orchestrator_plan_task',
  'task.claim': 'orchestrator_claim_task',
  'task.execute': 'orchestrator_execute_task',
  'task.progress': 'orchestrator_report_progress',
  'task.complete': 'orchestrator_complete_task',
  'task.fail': 'orchestrator_fail_task',
  'task.block': 'orchestrator_ask_question',
  'task.answer': 'orchestrator_answer_question',
  'task.note': 'orchestrator_add_note',
  'task.get': 'orchestrator_get_task',
  'task.list': 'orchestrator_query_tasks',
  'task.next': 'orchestrator_next_task',
  'task.edit': 'orchestrator_update_task',
  'artifact.get': 'orchestrator_get_artifact',
  'session.create': 'orchestrator_initialize_session',
  'session.get': 'orchestrator_session_status',
  'session.list': 'orchestrator_list_sessions',
  'session.pause': 'orchestrator_pause_session',
  'session.resume': 'orchestrator_resume_session',
  'session.complete': 'orchestrator_complete_session',
  'template.list': 'template_list',
  'template.get': 'template_load',
  'template.validate': 'template_validate',
  'system.health': 'orchestrator_health_check',
  'specialist.list': 'the resource troupe://roles',
};

const methods = new RegExp(
  String.raw`\b(?:${Object.keys(toolOf)
    .join('|')
    .replaceAll('.', String.raw`\.`)})\b`,
  'g',
);
const members =
  /\b(?:filter\.)?(?:taskId|artifactId|nextAction|detailedWork|artifactType|artifactName|filePaths|waitMs|commandId|notBefore|blockedBy|retryAfterMs|minPosition|dependsOn|sessionId)\b/g;

/** A sentence of the service in the words of the tools. Lines that quote somebody stay as they are. */
export function inToolWords(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line.startsWith('>')
        ? line
        : line
            .replaceAll(methods, (method) => toolOf[method] ?? method)
            .replaceAll(members, (member) => snake(member.replace('filter.', ''))),
    )
    .join('\n');
}
