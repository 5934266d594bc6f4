import { describe, expect, test } from 'vitest';
import { stages, statuses } from '../../src/protocol/values.ts';
import type { Stage, Status } from '../../src/protocol/values.ts';
import { a2aState, mcpReading } from '../../src/transport/mcp/task-state.ts';
import type { A2aState, McpStatus } from '../../src/transport/mcp/task-state.ts';

/** MCP status, whether its result is an error, A2A state. */
type Row = readonly [mcp: McpStatus, isError: boolean, a2a: A2aState];

const table: Readonly<Record<Status, Row>> = {
  pending: ['working', false, 'submitted'],
  in_progress: ['working', false, 'working'],
  blocked: ['working', false, 'working'],
  completed: ['completed', false, 'completed'],
  failed: ['completed', true, 'failed'],
  cancelled: ['cancelled', false, 'canceled'],
  archived: ['cancelled', false, 'canceled'],
};

/** Where the stage, or a question, makes a difference. */
function expected(status: Status, stage: Stage, isAsked: boolean): Row {
  if (status === 'pending' && (stage === 'underway' || stage === 'synthesis')) return ['working', false, 'working'];
  if (status === 'blocked' && isAsked) return ['input_required', false, 'input-required'];
  return table[status];
}

const read = (status: Status, stage: Stage, isAsked: boolean, archivedFrom: Status | null): Row => {
  const standing = { status, stage, isAsked, archivedFrom };
  const { status: mcp, isError } = mcpReading(standing);
  return [mcp, isError, a2aState(standing)];
};

describe.each(statuses)('a task that is %s', (status) => {
  test.each(stages)('in stage %s', (stage) => {
    for (const isAsked of [false, true]) expect(read(status, stage, isAsked, null)).toEqual(expected(status, stage, isAsked));
  });

  test('reads as before when it is archived, or as cancelled when that ended it', () => {
    const wasOpen = status === 'pending' || status === 'in_progress' || status === 'blocked' || status === 'archived';
    expect(read('archived', 'closed', false, status)).toEqual(table[wasOpen ? 'cancelled' : status]);
  });
});
