import { beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '@modelcontextprotocol/client';
import { buildCommand } from '../support/command.ts';
import { answer, eras, overHttp, overStdio, refusal, revisions, serveMcp, textAt } from './connect.ts';
import type { Era } from './connect.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const transports = ['http', 'stdio'] as const;
const ways = eras.flatMap((era) => transports.map((transport) => [era, transport] as const));

async function open(era: Era, transport: (typeof transports)[number]): Promise<Client> {
  const serving = await serveMcp();
  return transport === 'http'
    ? overHttp(serving, { era, path: '/mcp/all' })
    : overStdio(command, serving.data, { era, args: ['--toolset', 'all'] });
}

describe.each(ways)('%s client over %s', (era, transport) => {
  test('plans, claims, reports, completes and reads back; the parent moves', async () => {
    const client = await open(era, transport);
    expect(client.getNegotiatedProtocolVersion()).toBe(revisions[era]);
    const worker = { worker: 'agent-1' };
    const plan = await answer(client, 'orchestrator_plan_task', {
      title: 'Ship it',
      description: 'All of it',
      subtasks: [
        { title: 'Design', specialist_type: 'architect', estimated_effort: '2h' },
        { title: 'Build', depends_on: ['Design'], acceptance_criteria: ['it runs'] },
      ],
    });
    expect(plan).toMatchObject({ success: true, operation: 'create_task', status: 'pending', estimated_duration_minutes: 120 });
    const next = await answer(client, 'orchestrator_next_task');
    expect(next['task']).toMatchObject({ title: 'Design', ready: true });

    const work = await answer(client, 'orchestrator_claim_task', worker);
    expect(work).toMatchObject({ status: 'ready_for_execution', task_title: 'Design', specialist_type: 'architect', attempt: 1 });
    expect(work['specialist_context']).toMatchObject({ text: expect.stringContaining('## Role') });
    expect(work['execution_instructions']).toContainEqual(expect.stringContaining('orchestrator_complete_task'));
    const taskId = textAt(work, 'task_id');
    const report = await answer(client, 'orchestrator_report_progress', {
      task_id: taskId,
      message: 'half',
      progress: 1,
      total: 2,
      ...worker,
    });
    expect(report['lease_id']).toBe(work['lease_id']);
    const detailed = `# Design\n\n${'A long line of design. '.repeat(500)}`;
    const done = await client.callTool({
      name: 'orchestrator_complete_task',
      arguments: {
        task_id: taskId,
        summary: 'Designed',
        detailed_work: detailed,
        next_action: 'complete',
        artifact_type: 'design',
        ...worker,
      },
    });
    const [reference] = (done.structuredContent as { artifact_references: { id: string; path: string; size: number }[] })
      .artifact_references;
    expect(done.structuredContent).toMatchObject({
      status: 'success',
      task_status: 'completed',
      artifact_count: 1,
      ready: [expect.any(String)],
    });
    expect(done.content).toContainEqual(expect.objectContaining({ type: 'resource_link', uri: reference?.path, size: detailed.length }));

    // Read back in pages, and as a resource.
    let read = '';
    for (let offset: unknown = 0; typeof offset === 'number';) {
      const page = await answer(client, 'orchestrator_get_artifact', { artifact_id: reference?.id, offset });
      read += textAt(page, 'content');
      offset = page['next_offset'];
    }
    expect(read).toBe(detailed);
    const { contents } = await client.readResource({ uri: reference?.path ?? '' });
    expect(contents).toEqual([{ uri: reference?.path, mimeType: 'text/markdown', text: detailed }]);

    const second = await answer(client, 'orchestrator_claim_task', worker);
    expect(second).toMatchObject({ task_title: 'Build', acceptance_criteria: ['it runs'], dependencies_completed: true });
    const ending = { task_id: second['task_id'], summary: 'Built', detailed_work: 'The work', next_action: 'complete', ...worker };
    expect(await refusal(client, 'orchestrator_complete_task', ending)).toMatchObject({ reason: 'ACCEPTANCE_UNANSWERED' });
    await answer(client, 'orchestrator_complete_task', { ...ending, acceptance: [{ met: true }] });
    const parent = await answer(client, 'orchestrator_get_task', { task_id: plan['task_id'] });
    expect(parent['task']).toMatchObject({ status: 'pending', ready: true, children: { open: 0, completed: 2 } });
    const digest = await answer(client, 'orchestrator_synthesize_results', { parent_task_id: plan['task_id'] });
    expect(digest['synthesis_results']).toMatchObject({
      metrics: { total_subtasks: 2, completed_count: 2, failed_count: 0, success_rate: 1 },
    });
  });

  test('asks a person, gets the answer in the next context, and gives up with an error that the next worker reads', async () => {
    const client = await open(era, transport);
    const { task_id: taskId } = await answer(client, 'orchestrator_plan_task', { title: 'Choose', description: '' });
    const mine = { task_id: taskId, worker: 'agent-1' };
    await answer(client, 'orchestrator_execute_task', mine);
    expect(await answer(client, 'orchestrator_ask_question', { ...mine, question: 'Red or blue?' })).toMatchObject({
      task_status: 'blocked',
    });
    expect(await refusal(client, 'orchestrator_execute_task', mine)).toMatchObject({
      reason: 'INVALID_TRANSITION',
      allowed_tools: expect.arrayContaining(['orchestrator_answer_question']),
    });
    await answer(client, 'orchestrator_answer_question', { task_id: taskId, answer: 'Blue, of course' });
    const work = await answer(client, 'orchestrator_execute_task', mine);
    expect(work['specialist_context']).toMatchObject({ text: expect.stringContaining('Blue, of course') });
    await answer(client, 'orchestrator_add_note', { task_id: taskId, text: 'The paint is in the cellar' });
    expect(await answer(client, 'orchestrator_fail_task', { ...mine, error: 'no brush' })).toMatchObject({ task_status: 'pending' });
    const { contents } = await client.readResource({ uri: `troupe://tasks/${String(taskId)}/context` });
    const [context] = contents;
    expect(context !== undefined && 'text' in context ? context.text : '').toMatch(
      /no brush[^]*The paint is in the cellar|The paint is in the cellar[^]*no brush/,
    );
  });
});
