import type { Reason } from '../errors.ts';

/** What the command line ends with, for scripts. */
export const exits = { ok: 0, failed: 1, usage: 2, notFound: 3, refused: 4, conflict: 5, unreachable: 6 } as const;

/** What each says, for people. */
export const exitWords: Readonly<Record<Exit, string>> = {
  0: 'done',
  1: 'failed',
  2: 'wrongly called',
  3: 'not found',
  4: 'refused by a guard',
  5: 'conflict or locked',
  6: 'unreachable',
};

export type Exit = (typeof exits)[keyof typeof exits];

const { failed, usage, notFound, refused, conflict, unreachable } = exits;

/** By the catalogue: the compiler holds the table to be complete. */
export const exitOf: Readonly<Record<Reason, Exit>> = {
  PARSE_ERROR: usage,
  INVALID_REQUEST: usage,
  METHOD_NOT_FOUND: failed,
  INVALID_PARAMS: usage,
  INTERNAL: failed,
  UNAUTHENTICATED: failed,
  FORBIDDEN: failed,
  TASK_NOT_FOUND: notFound,
  ARTIFACT_NOT_FOUND: notFound,
  SESSION_NOT_FOUND: notFound,
  SPECIALIST_NOT_FOUND: notFound,
  TEMPLATE_NOT_FOUND: notFound,
  MACHINE_NOT_FOUND: notFound,
  VIEW_NOT_FOUND: notFound,
  UPLOAD_NOT_FOUND: notFound,
  NOTHING_READY: notFound,
  INVALID_TRANSITION: refused,
  DEPENDENCIES_UNMET: refused,
  CHILDREN_UNFINISHED: refused,
  ACCEPTANCE_UNANSWERED: refused,
  NOT_DUE: refused,
  STALE_LEASE: refused,
  SESSION_PAUSED: refused,
  SESSION_CLOSED: refused,
  SESSION_UNFINISHED: refused,
  PARENT_CLOSED: refused,
  REV_CONFLICT: conflict,
  COMMAND_REUSED: conflict,
  TEMPLATE_EXISTS: conflict,
  DEPENDENCY_CYCLE: refused,
  UPLOAD_MISMATCH: conflict,
  RESTART_REFUSED: refused,
  UNREADABLE: failed,
  POSITION_GONE: conflict,
  TOO_LARGE: usage,
  LIMIT_EXCEEDED: usage,
  TEMPLATE_INVALID: usage,
  RATE_LIMITED: unreachable,
  TOO_MANY_IN_FLIGHT: unreachable,
  CANCELLED: failed,
  DRAINING: unreachable,
  // It was reached, and could not.
  STORE_UNAVAILABLE: failed,
  UNREACHABLE: unreachable,
  START_FAILED: unreachable,
  NOT_YET_VISIBLE: unreachable,
};
