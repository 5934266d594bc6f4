import type { Stage, Status } from '../../protocol/values.ts';

/** Our states in the words of two other protocols. Pure; docs/decisions/0022-mcp-tasks.md has the tables. */

/** MCP tasks extension 2026-07-28: task status. */
export type McpStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** A2A 0.3: TaskState, without `rejected`, `auth-required` and `unknown`, which no task of ours is ever in. */
export type A2aState = 'submitted' | 'working' | 'input-required' | 'completed' | 'canceled' | 'failed';

/** What a task shows of itself that other protocols tell apart. */
export interface Standing {
  readonly status: Status;
  readonly stage: Stage;
  /** Whether a question waits for its answer. */
  readonly isAsked: boolean;
  /** What an archived task was before; null when that is not known. */
  readonly archivedFrom: Status | null;
}

export interface McpReading {
  readonly status: McpStatus;
  /** Of the result of a completed one. `failed` is for errors of JSON-RPC alone. */
  readonly isError: boolean;
}

const told = (status: McpStatus, isError = false): McpReading => ({ status, isError });

export function mcpReading({ status, stage, isAsked, archivedFrom }: Standing): McpReading {
  switch (status) {
    case 'pending':
    case 'in_progress':
      return told('working');
    case 'blocked':
      return told(isAsked ? 'input_required' : 'working');
    case 'completed':
      return told('completed');
    case 'failed':
      return told('completed', true);
    case 'cancelled':
      return told('cancelled');
    case 'archived':
      return mcpReading({ status: endOf(archivedFrom), stage, isAsked: false, archivedFrom: null });
  }
}

export function a2aState({ status, stage, isAsked, archivedFrom }: Standing): A2aState {
  switch (status) {
    case 'pending':
      // A parent waits while its subtasks are worked on: the work itself has begun.
      return stage === 'underway' || stage === 'synthesis' ? 'working' : 'submitted';
    case 'in_progress':
      return 'working';
    case 'blocked':
      return isAsked ? 'input-required' : 'working';
    case 'completed':
      return 'completed';
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'canceled';
    case 'archived':
      return a2aState({ status: endOf(archivedFrom), stage, isAsked: false, archivedFrom: null });
  }
}

/** Archiving changes nothing that a client has seen. What was open when it was erased was cancelled by that. */
const endOf = (from: Status | null): Status => (from === 'completed' || from === 'failed' ? from : 'cancelled');
