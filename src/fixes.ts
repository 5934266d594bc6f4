import type { Reason, TroupeError, WireError } from './errors.ts';

/**
 * How to go on after each refusal, unless the place that refuses knows better. Apart from the catalogue, since clients are told it with
 * every refusal and need not carry it.
 */
export const fixes: Readonly<Record<Reason, string>> = {
  PARSE_ERROR: 'send one JSON object per text frame',
  INVALID_REQUEST: 'send {"jsonrpc":"2.0","id":…,"method":…,"params":{…}}',
  METHOD_NOT_FOUND: 'use a method of PROTOCOL.md',
  INVALID_PARAMS: 'mend the members that `issues` names',
  INTERNAL: 'give the correlation id to whoever runs the service',
  UNAUTHENTICATED: 'send a valid token',
  FORBIDDEN: 'use a token with the scope and project',
  TASK_NOT_FOUND: 'find the id with task.list',
  ARTIFACT_NOT_FOUND: 'find the id in the task with task.get',
  SESSION_NOT_FOUND: 'find the id with session.list',
  SPECIALIST_NOT_FOUND: 'find the key with specialist.list, or add roles/KEY.yaml to the data directory',
  TEMPLATE_NOT_FOUND: 'find the id with template.list',
  MACHINE_NOT_FOUND: 'find the id with machine.list',
  VIEW_NOT_FOUND: 'subscribe first',
  UPLOAD_NOT_FOUND: 'begin the upload again',
  NOTHING_READY: 'ask again later, or wait with waitMs',
  INVALID_TRANSITION: 'send an event that `allowed` names',
  DEPENDENCIES_UNMET: 'complete or waive what `blockedBy` names',
  CHILDREN_UNFINISHED: 'finish or cancel the open children first',
  ACCEPTANCE_UNANSWERED: 'answer every criterion with met, or complete with nextAction needs_revision',
  NOT_DUE: 'wait until notBefore',
  STALE_LEASE: 'execute the task to get a lease of your own',
  SESSION_PAUSED: 'resume the session with session.resume, or take a task of another one',
  SESSION_CLOSED: 'resume the session with session.resume, or choose another one',
  SESSION_UNFINISHED: 'finish or cancel its open tasks first: task.list with filter.sessionId names them',
  PARENT_CLOSED: 'choose a parent that is not archived',
  REV_CONFLICT: 'read the task again and decide on its present state',
  COMMAND_REUSED: 'use a new commandId for a new command',
  TEMPLATE_EXISTS: 'choose another id, or give overwrite: true',
  DEPENDENCY_CYCLE: 'leave out one of the edges of `path`',
  UPLOAD_MISMATCH: 'begin the upload again and send the bytes that the hash was made of',
  RESTART_REFUSED: 'mend what the message names and ask again; the service goes on as it was',
  UNREADABLE: 'the record was set aside in quarantine/ as it was found; see the log',
  POSITION_GONE: 'list again, then follow the events from the position given',
  TOO_LARGE: 'upload large work with artifact.begin',
  LIMIT_EXCEEDED: 'split the work',
  TEMPLATE_INVALID: 'mend what `issues` names by file, line and key; try it with template.validate',
  RATE_LIMITED: 'send again after retryAfterMs',
  TOO_MANY_IN_FLIGHT: 'wait for answers before sending more',
  CANCELLED: 'the request was withdrawn with request.cancel',
  DRAINING: 'reconnect and send again with the same commandId',
  STORE_UNAVAILABLE: 'send again with the same commandId after a pause',
  UNREACHABLE: 'see whether the service runs, and send again with the same commandId',
  START_FAILED: 'mend what the message names; more is in serve.log of the data directory',
  NOT_YET_VISIBLE: 'ask again: minPosition was not reached in time',
};

export const fixOf = ({ fix, reason }: TroupeError): string => (fix === '' ? fixes[reason] : fix);

/** The error as an answer of JSON-RPC 2.0 has it. */
export function wireOf(error: TroupeError): WireError {
  const { code, message, reason, details, retryable } = error;
  return { code, message, data: { reason, ...details, fix: fixOf(error), retryable } };
}
