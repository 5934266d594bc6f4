/**
 * The one catalogue of refusals and faults. Every transport renders from it; `reason` is the API, `code` is coarse.
 * Codes stay outside those that JSON-RPC, MCP and A2A reserve (JSON-RPC 2.0, section 5.1, for the negative ones).
 */

interface Row {
  readonly code: number;
  /** Whether the same request can succeed later without anything being changed by the caller. */
  readonly retryable: boolean;
  /** How to go on, unless the place that refuses knows better. */
  readonly fix: string;
}

export const catalogue = {
  PARSE_ERROR: { code: -32700, retryable: false, fix: 'send one JSON object per text frame' },
  INVALID_REQUEST: { code: -32600, retryable: false, fix: 'send {"jsonrpc":"2.0","id":…,"method":…,"params":{…}}' },
  METHOD_NOT_FOUND: { code: -32601, retryable: false, fix: 'use a method of PROTOCOL.md' },
  INVALID_PARAMS: { code: -32602, retryable: false, fix: 'mend the members that `issues` names' },
  INTERNAL: { code: -32603, retryable: false, fix: 'give the correlation id to whoever runs the service' },
  UNAUTHENTICATED: { code: 401, retryable: false, fix: 'send a valid token' },
  FORBIDDEN: { code: 403, retryable: false, fix: 'use a token with the scope and project' },
  TASK_NOT_FOUND: { code: 404, retryable: false, fix: 'find the id with task.list' },
  ARTIFACT_NOT_FOUND: { code: 404, retryable: false, fix: 'find the id in the task with task.get' },
  SESSION_NOT_FOUND: { code: 404, retryable: false, fix: 'find the id with session.list' },
  SPECIALIST_NOT_FOUND: {
    code: 404,
    retryable: false,
    fix: 'find the key with specialist.list, or add roles/KEY.yaml to the data directory',
  },
  TEMPLATE_NOT_FOUND: { code: 404, retryable: false, fix: 'find the id with template.list' },
  MACHINE_NOT_FOUND: { code: 404, retryable: false, fix: 'find the id with machine.list' },
  VIEW_NOT_FOUND: { code: 404, retryable: false, fix: 'subscribe first' },
  UPLOAD_NOT_FOUND: { code: 404, retryable: false, fix: 'begin the upload again' },
  NOTHING_READY: { code: 404, retryable: true, fix: 'ask again later, or wait with waitMs' },
  INVALID_TRANSITION: { code: 409, retryable: false, fix: 'send an event that `allowed` names' },
  DEPENDENCIES_UNMET: { code: 409, retryable: false, fix: 'complete or waive what `blockedBy` names' },
  CHILDREN_UNFINISHED: { code: 409, retryable: false, fix: 'finish or cancel the open children first' },
  ACCEPTANCE_UNANSWERED: {
    code: 409,
    retryable: false,
    fix: 'answer every criterion with met, or complete with nextAction needs_revision',
  },
  NOT_DUE: { code: 409, retryable: true, fix: 'wait until notBefore' },
  STALE_LEASE: { code: 409, retryable: false, fix: 'execute the task to get a lease of your own' },
  SESSION_PAUSED: { code: 409, retryable: false, fix: 'resume the session with session.resume, or take a task of another one' },
  SESSION_CLOSED: { code: 409, retryable: false, fix: 'resume the session with session.resume, or choose another one' },
  SESSION_UNFINISHED: {
    code: 409,
    retryable: false,
    fix: 'finish or cancel its open tasks first: task.list with filter.sessionId names them',
  },
  PARENT_CLOSED: { code: 409, retryable: false, fix: 'choose a parent that is not archived' },
  REV_CONFLICT: { code: 409, retryable: false, fix: 'read the task again and decide on its present state' },
  COMMAND_REUSED: { code: 409, retryable: false, fix: 'use a new commandId for a new command' },
  TEMPLATE_EXISTS: { code: 409, retryable: false, fix: 'choose another id, or give overwrite: true' },
  DEPENDENCY_CYCLE: { code: 409, retryable: false, fix: 'leave out one of the edges of `path`' },
  UPLOAD_MISMATCH: { code: 409, retryable: false, fix: 'begin the upload again and send the bytes that the hash was made of' },
  RESTART_REFUSED: { code: 409, retryable: false, fix: 'mend what the message names and ask again; the service goes on as it was' },
  UNREADABLE: { code: 409, retryable: false, fix: 'the record was set aside in quarantine/ as it was found; see the log' },
  POSITION_GONE: { code: 410, retryable: false, fix: 'list again, then follow the events from the position given' },
  TOO_LARGE: { code: 413, retryable: false, fix: 'upload large work with artifact.begin' },
  LIMIT_EXCEEDED: { code: 413, retryable: false, fix: 'split the work' },
  TEMPLATE_INVALID: { code: 422, retryable: false, fix: 'mend what `issues` names by file, line and key; try it with template.validate' },
  RATE_LIMITED: { code: 429, retryable: true, fix: 'send again after retryAfterMs' },
  TOO_MANY_IN_FLIGHT: { code: 429, retryable: true, fix: 'wait for answers before sending more' },
  CANCELLED: { code: 499, retryable: true, fix: 'the request was withdrawn with request.cancel' },
  DRAINING: { code: 503, retryable: true, fix: 'reconnect and send again with the same commandId' },
  STORE_UNAVAILABLE: { code: 503, retryable: true, fix: 'send again with the same commandId after a pause' },
  UNREACHABLE: { code: 503, retryable: true, fix: 'see whether the service runs, and send again with the same commandId' },
  START_FAILED: { code: 503, retryable: false, fix: 'mend what the message names; more is in serve.log of the data directory' },
  NOT_YET_VISIBLE: { code: 503, retryable: true, fix: 'ask again: minPosition was not reached in time' },
} as const satisfies Record<string, Row>;

export type Reason = keyof typeof catalogue;

/** A fault at a place in the input: `path` inside the input, for example `tasks[2].dependsOn[0]`; empty for the whole. */
export interface Issue {
  readonly path: string;
  readonly message: string;
  /** For input that is a text: from 1. */
  readonly line?: number;
  /** For what is kept in files. */
  readonly file?: string;
}

/** What an error tells beside its reason; only what applies is there. */
export interface ErrorDetails {
  readonly taskId?: string;
  readonly sessionId?: string;
  /** How many tasks of a session are open. */
  readonly open?: number;
  readonly from?: string;
  readonly event?: string;
  readonly guard?: string;
  readonly allowed?: readonly string[];
  readonly blockedBy?: readonly { readonly taskId: string; readonly status: string; readonly kind: string; readonly reason?: string }[];
  readonly missing?: readonly number[];
  readonly path?: readonly { readonly taskId: string; readonly waitsAs: 'dependency' | 'parent' }[];
  readonly issues?: readonly Issue[];
  readonly limit?: { readonly name: string; readonly max: number; readonly actual?: number };
  readonly retryAfterMs?: number;
  readonly position?: string;
  readonly correlationId?: string;
  /** Of the command that the error leaves open; safe to send again with it. */
  readonly commandId?: string;
  readonly rev?: number;
  readonly nearby?: readonly string[];
}

/** A refusal or fault of the catalogue. */
export class TroupeError extends Error {
  override readonly name = 'TroupeError';
  readonly reason: Reason;
  readonly details: ErrorDetails;
  readonly fix: string;

  constructor(reason: Reason, message: string, details: ErrorDetails & { readonly fix?: string } = {}) {
    super(message);
    const { fix, ...rest } = details;
    this.reason = reason;
    this.details = rest;
    this.fix = fix ?? catalogue[reason].fix;
  }

  get code(): number {
    return catalogue[this.reason].code;
  }

  get retryable(): boolean {
    return catalogue[this.reason].retryable;
  }

  /** The `error` member of a JSON-RPC 2.0 response. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      data: { reason: this.reason, ...this.details, fix: this.fix, retryable: this.retryable },
    };
  }
}

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data: ErrorDetails & { readonly reason: Reason; readonly fix: string; readonly retryable: boolean };
}
