import { catalogue } from '../errors.ts';
import { fixes } from '../fixes.ts';
import type { Reason } from '../errors.ts';

/** The catalogue for readers. */

/** When each refusal is given. The compiler holds the table to be complete. */
const occasions: Readonly<Record<Reason, string>> = {
  PARSE_ERROR: 'The message is no JSON.',
  INVALID_REQUEST: 'The message is JSON, but no request: a member is missing, wrong or unknown, it is a batch, or its id is in use.',
  METHOD_NOT_FOUND: 'There is no method of that name, or it does not exist on this way into the service.',
  INVALID_PARAMS: 'A param is missing, wrong or unknown, or does not fit what is stored.',
  INTERNAL: 'A fault of the service itself. Its log has the details under the correlation id.',
  UNAUTHENTICATED: 'There is no token, or it is unknown or revoked.',
  FORBIDDEN: 'The token has not the scope that the method needs, or does not open the project.',
  TASK_NOT_FOUND: 'No task has that id.',
  ARTIFACT_NOT_FOUND: 'No artifact has that id, or it is an upload of somebody else.',
  SESSION_NOT_FOUND: 'No session has that id.',
  SPECIALIST_NOT_FOUND: 'No role has that key. `nearby` names some that are like it.',
  TEMPLATE_NOT_FOUND: 'No template has that id. `nearby` names some that are like it.',
  MACHINE_NOT_FOUND: 'No state machine has that id. `nearby` names those there are.',
  VIEW_NOT_FOUND: 'This connection has no such subscription.',
  UPLOAD_NOT_FOUND: 'There is no upload of that id that was begun with this token, or it was dropped after an hour.',
  NOTHING_READY: 'No task that fits can be executed now, and `waitMs` is over.',
  INVALID_TRANSITION: 'The task or session does not take this event in its state. `from` is the state, `allowed` what it takes.',
  DEPENDENCIES_UNMET: 'The task, or one above it, waits for others. `blockedBy` names them.',
  CHILDREN_UNFINISHED: 'Something below the task is open.',
  ACCEPTANCE_UNANSWERED: 'Not every acceptance criterion was answered with `met`. `missing` has the places of the others.',
  NOT_DUE: 'The task pauses after a failed attempt.',
  STALE_LEASE: 'The lease ended, or somebody else executes the task under a newer one.',
  SESSION_PAUSED: 'The session of the task is paused.',
  SESSION_CLOSED: 'The session is completed or archived and takes no new tasks.',
  SESSION_UNFINISHED: 'The session has open tasks. `open` says how many.',
  PARENT_CLOSED: 'The parent is archived and takes no children.',
  REV_CONFLICT: 'The task has changed since the revision in `ifRev`.',
  COMMAND_REUSED: 'The `commandId` was used for another command.',
  TEMPLATE_EXISTS: 'Another template has that id.',
  DEPENDENCY_CYCLE: 'Tasks would wait for each other in a circle. `path` goes round it.',
  UPLOAD_MISMATCH: 'The bytes that arrived do not have the hash that was given.',
  RESTART_REFUSED: "The service can't be restarted now, or not with the files as they are.",
  UNREADABLE: "Something stored can't be read. It was reported, and was not changed.",
  POSITION_GONE:
    'Events after that position are no longer kept, or it is a position of another log. `events.subscribe` answers it as the `reason` for listing.',
  TOO_LARGE: 'What would be sent is larger than a message may be. A message that is sent nevertheless closes the connection with 1009.',
  LIMIT_EXCEEDED: 'A bound would be passed. `limit` names it.',
  TEMPLATE_INVALID: 'The template is broken. `issues` names each fault.',
  RATE_LIMITED: 'The connection sends more requests than it may. `retryAfterMs` says how long to wait.',
  TOO_MANY_IN_FLIGHT: 'More requests wait for their answers than may.',
  CANCELLED: 'The request was withdrawn, or its connection ended.',
  DRAINING: 'The service stops or restarts.',
  STORE_UNAVAILABLE: "The store can't make it durable now. Whether a command that was under way took effect is not always known.",
  UNREACHABLE: 'No service answers. A client says so; the service never does.',
  START_FAILED: 'A service was needed and could not be started. A client says so; the service never does.',
  NOT_YET_VISIBLE: 'The log did not reach `minPosition` in time.',
};

const isReason = (text: string): text is Reason => Object.hasOwn(catalogue, text);

export const reasons: readonly Reason[] = Object.keys(catalogue).filter(isReason);

export interface ToldReason {
  readonly code: number;
  readonly retryable: boolean;
  readonly when: string;
  readonly fix: string;
}

export const toldReason = (reason: Reason): ToldReason => ({ ...catalogue[reason], when: occasions[reason], fix: fixes[reason] });
