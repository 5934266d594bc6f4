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

/** Members of the protocol that are arguments of tools under another spelling. */
const members =
  'taskId artifactId nextAction detailedWork artifactType artifactName filePaths waitMs commandId notBefore blockedBy retryAfterMs minPosition dependsOn sessionId';

/** Words to put into others, and the lines that stay: those that quote somebody. */
const words = new RegExp(
  String.raw`^>[^\n]*|\b(?:filter\.)?(?:${[...Object.keys(toolOf), ...members.split(' ')].join('|').replaceAll('.', String.raw`\.`)})\b`,
  'gm',
);

/** A sentence of the service in the words of the tools. */
export const inToolWords = (text: string): string =>
  text.replaceAll(words, (word) => (word.startsWith('>') ? word : (toolOf[word] ?? snake(word.replace('filter.', '')))));
