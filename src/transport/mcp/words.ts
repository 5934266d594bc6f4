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
  'session.cleanup': 'orchestrator_cleanup_sessions',
  'task.context': 'the resource troupe://tasks/ID/context',
  'task.cancel': 'orchestrator_cancel_task',
  'task.delete': 'orchestrator_delete_task',
  'task.archive': 'orchestrator_delete_task',
  'task.unblock': 'orchestrator_update_task',
  'task.retry': 'orchestrator_update_task',
  'task.reopen': 'orchestrator_update_task',
  'task.synthesize': 'orchestrator_synthesize_results',
  'dependency.add': 'orchestrator_update_dependencies',
  'dependency.remove': 'orchestrator_update_dependencies',
  'dependency.waive': 'orchestrator_update_dependencies',
  'template.create': 'template_create',
  'template.delete': 'template_delete',
  'template.instantiate': 'template_instantiate',
  'template.install': 'template_install_default_library',
  'system.status': 'orchestrator_get_status',
  'system.restart': 'orchestrator_restart_server',
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
  text
    .replace(' (or uploaded as artifacts)', '')
    .replaceAll(words, (word) => (word.startsWith('>') ? word : (toolOf[word] ?? snake(word.replace('filter.', '')))));
