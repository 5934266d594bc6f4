import { describe, expect, test } from 'vitest';
import { startService, worker } from '../support/service.ts';

describe('the life of a plan', () => {
  test('plan, execute, complete: dependents become ready, the parent is synthesised', async () => {
    const { ask, close, store } = await startService();
    const planned = await ask('task.plan', {
      commandId: 'p1',
      title: 'Ship the importer',
      tasks: [
        { ref: 'design', title: 'Design', specialist: 'architect' },
        { ref: 'code', title: 'Code', specialist: 'implementer', dependsOn: ['design'] },
      ],
    });
    expect(planned.order).toEqual([[planned.tasks['design']], [planned.tasks['code']]]);
    const [design, code] = [planned.tasks['design']!, planned.tasks['code']!];
    await expect(ask('task.execute', { taskId: code })).rejects.toMatchObject({ reason: 'DEPENDENCIES_UNMET' });
    const run = await ask('task.execute', { taskId: design, commandId: 'e1' });
    expect(run.task.status).toBe('in_progress');
    const done = await ask('task.complete', {
      taskId: design,
      lease: run.lease.id,
      summary: 'designed',
      detailedWork: 'The design',
      commandId: 'c1',
    });
    expect(done.ready).toEqual([code]);
    expect(done.parent).toEqual({ taskId: planned.task.id, open: 1, total: 2 });
    const second = await ask('task.claim', {}, worker('w1'));
    expect(second.task.id).toBe(code);
    expect(second.specialist.context).toContain('designed');
    const last = await ask('task.complete', { taskId: code, summary: 'coded' }, worker('w1'));
    expect(last.ready).toEqual([planned.task.id]);
    const root = await ask('task.execute', { taskId: planned.task.id }, worker('w1'));
    expect(root.task.stage).toBe('synthesis');
    await ask('task.complete', { taskId: planned.task.id, summary: 'shipped' }, worker('w1'));
    expect((await ask('task.get', { taskId: planned.task.id })).task.status).toBe('completed');
    const again = await ask('task.complete', {
      taskId: design,
      lease: run.lease.id,
      summary: 'designed',
      detailedWork: 'The design',
      commandId: 'c1',
    });
    expect(again.repeated).toBe(true);
    expect(again.artifacts).toEqual(done.artifacts);
    expect((await ask('artifact.get', { artifactId: done.artifacts[0]!.id })).content).toBe('The design');
    console.log(await ask('system.status', {}), root.specialist.context.length);
    await close();
    await store.close();
  });
});
