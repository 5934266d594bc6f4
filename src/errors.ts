/**
 * The one catalogue of refusals and faults. Every transport renders from it, with the advice of `fixes.ts`; `reason` is the API, `code`
 * is coarse.
 * Codes stay outside those that JSON-RPC, MCP and A2A reserve (JSON-RPC 2.0, section 5.1, for the negative ones).
 */

interface Row {
  readonly code: number;
  /** Whether the same request can succeed later without anything being changed by the caller. */
  readonly retryable: boolean;
}

export const catalogue = {
  PARSE_ERROR: { code: -32700, retryable: false },
  INVALID_REQUEST: { code: -32600, retryable: false },
  METHOD_NOT_FOUND: { code: -32601, retryable: false },
  INVALID_PARAMS: { code: -32602, retryable: false },
  INTERNAL: { code: -32603, retryable: false },
  UNAUTHENTICATED: { code: 401, retryable: false },
  FORBIDDEN: { code: 403, retryable: false },
  TASK_NOT_FOUND: { code: 404, retryable: false },
  ARTIFACT_NOT_FOUND: { code: 404, retryable: false },
  SESSION_NOT_FOUND: { code: 404, retryable: false },
  SPECIALIST_NOT_FOUND: { code: 404, retryable: false },
  TEMPLATE_NOT_FOUND: { code: 404, retryable: false },
  MACHINE_NOT_FOUND: { code: 404, retryable: false },
  VIEW_NOT_FOUND: { code: 404, retryable: false },
  UPLOAD_NOT_FOUND: { code: 404, retryable: false },
  NOTHING_READY: { code: 404, retryable: true },
  INVALID_TRANSITION: { code: 409, retryable: false },
  DEPENDENCIES_UNMET: { code: 409, retryable: false },
  CHILDREN_UNFINISHED: { code: 409, retryable: false },
  ACCEPTANCE_UNANSWERED: { code: 409, retryable: false },
  NOT_DUE: { code: 409, retryable: true },
  STALE_LEASE: { code: 409, retryable: false },
  SESSION_PAUSED: { code: 409, retryable: false },
  SESSION_CLOSED: { code: 409, retryable: false },
  SESSION_UNFINISHED: { code: 409, retryable: false },
  PARENT_CLOSED: { code: 409, retryable: false },
  REV_CONFLICT: { code: 409, retryable: false },
  COMMAND_REUSED: { code: 409, retryable: false },
  TEMPLATE_EXISTS: { code: 409, retryable: false },
  DEPENDENCY_CYCLE: { code: 409, retryable: false },
  UPLOAD_MISMATCH: { code: 409, retryable: false },
  RESTART_REFUSED: { code: 409, retryable: false },
  UNREADABLE: { code: 409, retryable: false },
  POSITION_GONE: { code: 410, retryable: false },
  TOO_LARGE: { code: 413, retryable: false },
  LIMIT_EXCEEDED: { code: 413, retryable: false },
  TEMPLATE_INVALID: { code: 422, retryable: false },
  RATE_LIMITED: { code: 429, retryable: true },
  TOO_MANY_IN_FLIGHT: { code: 429, retryable: true },
  CANCELLED: { code: 499, retryable: true },
  DRAINING: { code: 503, retryable: true },
  STORE_UNAVAILABLE: { code: 503, retryable: true },
  UNREACHABLE: { code: 503, retryable: true },
  START_FAILED: { code: 503, retryable: false },
  NOT_YET_VISIBLE: { code: 503, retryable: true },
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
  /** How to go on, from a place that knows better than the catalogue, or as the service told it. Empty: as `fixOf` says. */
  readonly fix: string;

  constructor(reason: Reason, message: string, { fix = '', ...details }: ErrorDetails & { readonly fix?: string } = {}) {
    super(message);
    this.reason = reason;
    this.details = details;
    this.fix = fix;
  }

  get code(): number {
    return catalogue[this.reason].code;
  }

  get retryable(): boolean {
    return catalogue[this.reason].retryable;
  }
}

/** The `error` member of a JSON-RPC 2.0 response. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data: ErrorDetails & { readonly reason: Reason; readonly fix: string; readonly retryable: boolean };
}
