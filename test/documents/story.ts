import { createHash } from 'node:crypto';
import type { Wire } from './wire.ts';

/** Every method once with a result, some refusals, every notification but that of the end: what a document of the protocol is held against. */
export async function tellStory(wire: Wire, token: string): Promise<void> {
  const done = async (method: string, params?: object): Promise<Record<string, never>> => {
    const { result, error } = await wire.ask(method, params);
    if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  const refused = async (reason: string, method: string, params?: object): Promise<void> => {
    const { error } = await wire.ask(method, params);
    if (error?.data.reason !== reason) throw new Error(`${method}: ${JSON.stringify(error)} instead of ${reason}`);
  };
  const made = async (method: string, params: object): Promise<string> => ((await done(method, params))['task']! as { id: string }).id;
  const leaseOf = ({ lease }: Record<string, never>): string => (lease! as { id: string }).id;

  const { position } = await done('session.hello', { token, client: { name: 'story', version: '1' }, worker: 'w-1' });
  const { view } = await done('events.subscribe');
  await done('events.subscribe', { batchMs: 20, filter: { project: 'default' } });
  await done('system.ping');
  await done('request.cancel', { id: 'none' });

  // A session, a plan, a task whose work is uploaded.
  const { session } = await done('session.create', { title: 'Session', workingDirectory: '/work', context: { goal: ['x'] } });
  const { id: sessionId } = session! as { id: string };
  const { tasks, task } = await done('plan', {
    commandId: 'plan-1',
    title: 'Root',
    sessionId,
    dueAt: '2099-01-31',
    tasks: [
      { ref: 'a', title: 'A', tags: ['x/y'], acceptance: ['It is right'], context: { n: null }, tasks: [] },
      { ref: 'b', title: 'B', dependsOn: ['a', { task: 'c', kind: 'data', artifactType: 'code' }] },
      { ref: 'c', title: 'C', estimatedEffort: '1 h' },
    ],
  });
  const { id: root } = task! as { id: string };
  const { a, b, c } = tasks! as unknown as Record<'a' | 'b' | 'c', string>;
  const single = await made('task.create', { title: 'Single', externalId: 'x-1', parentId: root });
  await done('task.context', { taskId: a });
  const lease = leaseOf(await done('task.execute', { taskId: a, leaseMs: 60_000 }));
  await done('task.progress', { taskId: a, lease, value: 1, total: 2, message: 'half' });
  await done('task.note', { taskId: a, text: 'Mind the gap' });
  const { uploadId } = await done('artifact.begin', { name: 'a.txt', mediaType: 'text/plain' });
  await done('artifact.append', { uploadId, offset: 0, content: 'ä piece' });
  const sha256 = createHash('sha256').update('ä piece').digest('hex');
  const { artifactId } = await done('artifact.finish', { uploadId, sha256 });
  const work = { lease, summary: 'Done', detailedWork: 'All of it', filePaths: ['src/a.ts'], artifacts: [{ artifactId }] };
  await refused('ACCEPTANCE_UNANSWERED', 'task.complete', { taskId: a, ...work });
  await done('complete', { commandId: 'complete-1', taskId: a, ...work, acceptance: [{ met: true, note: 'yes' }] });
  await done('task.complete', { commandId: 'complete-1', taskId: a, ...work, acceptance: [{ met: true, note: 'yes' }] });
  await done('artifact.list', { taskId: a });
  await done('artifact.get', { artifactId, limit: 4 });

  // What does not go well.
  const claimed = await done('task.claim', { filter: { rootId: root } });
  await done('task.fail', { taskId: c, lease: leaseOf(claimed), error: { message: 'No', retryable: true } });
  const once = await made('task.create', { title: 'Once', maxAttempts: 1 });
  const lastLease = leaseOf(await done('task.execute', { taskId: once }));
  await done('task.fail', { taskId: once, lease: lastLease, error: { message: 'No' } });
  await done('maintenance.scan');
  await done('task.retry', { taskId: once });
  await done('task.block', { taskId: single, question: 'Why?' });
  await done('task.answer', { taskId: single, answer: 'So' });
  await done('task.block', { taskId: single, reason: 'Later' });
  await done('task.unblock', { taskId: single, note: 'Now' });
  await done('task.edit', { taskId: single, set: { title: 'Another', dueAt: null, priority: 9 } });
  await done('dependency.add', { taskId: single, dependsOn: { task: c, kind: 'approval', mandatory: false } });
  await done('dependency.waive', { taskId: single, dependsOn: c, reason: 'Enough' });
  await done('dependency.remove', { taskId: single, dependsOn: c });
  await done('task.cancel', { taskId: single, reason: 'No more' });
  await done('task.reopen', { taskId: single, reason: 'More' });
  await refused('INVALID_PARAMS', 'task.create', { title: '', nonsense: 1 });
  await refused('TASK_NOT_FOUND', 'task.get', { taskId: `t_${'0'.repeat(26)}` });
  await refused('DEPENDENCIES_UNMET', 'task.execute', { taskId: b });
  await refused('DEPENDENCY_CYCLE', 'dependency.add', { taskId: c, dependsOn: b });
  await refused('INVALID_TRANSITION', 'task.answer', { taskId: single, answer: 'So' });
  await refused('REV_CONFLICT', 'task.note', { taskId: single, text: 'Late', ifRev: 1 });
  await refused('METHOD_NOT_FOUND', 'task.nothing');
  await refused('SPECIALIST_NOT_FOUND', 'task.create', { title: 'X', specialist: 'implementor' });
  await wire.sendBroken('{');

  // Reading.
  await done('task.get', { taskId: root, minPosition: position });
  await done('task.list', {
    filter: { status: ['active', 'pending', 'completed'], createdAfter: '2020-01-01' },
    sort: 'next',
    count: true,
  });
  await done('task.list', { fields: ['id', 'context', 'lease', 'artifacts'] });
  await done('task.ready', { filter: { specialist: ['generic'] } });
  await done('task.next');
  await done('task.history', { taskId: a });
  await done('task.synthesize', { taskId: root });
  await done('session.get', { sessionId });
  await done('session.list', { status: ['active'] });
  for (const method of ['specialist.list', 'machine.list', 'inspection.ticket', 'system.status', 'system.health']) await done(method);
  await done('specialist.get', { key: 'implementer' });
  await done('machine.get', { id: 'task' });

  // Templates.
  const content = "{ metadata: { name: 'T', version: '1.0.0', description: 'x' }, tasks: { a: { title: 'A' } } }";
  await done('template.validate', { content });
  await done('template.create', { id: 'mine', content });
  await done('template.list', { metadata: true });
  await done('template.get', { id: 'bug-fix' });
  await done('template.validateAll');
  const parameters = { skill: 'Chess', proof: 'Win against the neighbour', weeks: 2 };
  await done('template.instantiate', { id: 'learn-skill', parameters });
  await done('template.instantiate', { id: 'learn-skill', parameters, createTasks: true });
  await done('template.install', { ids: ['bug-fix'] });
  await done('template.status');
  await done('template.delete', { id: 'mine' });
  await refused('TEMPLATE_INVALID', 'template.create', { id: 'mine', content: '{' });

  // The end.
  await done('maintenance.free', { staleHours: 0 });
  await done('maintenance.validate', { level: 'full_audit' });
  await done('maintenance.handover');
  await done('session.pause', { sessionId, reason: 'Lunch' });
  await done('session.resume', { sessionId });
  await refused('SESSION_UNFINISHED', 'session.complete', { sessionId });
  await done('task.cancel', { taskId: root, subtree: true });
  await done('session.complete', { sessionId, summary: 'Over' });
  await done('session.cleanup', { kind: 'all', olderThanDays: 0 });
  await done('maintenance.archive', { days: { failed: 0 } });
  await done('task.archive', { taskId: root });
  await done('task.delete', { taskId: once, force: true });
  await done('system.restart');
  await done('events.unsubscribe', { view });
  await done('events.subscribe', { since: position });
  for (const method of ['events.event', 'events.batch', 'events.bookmark']) await wire.notified(method);
}
