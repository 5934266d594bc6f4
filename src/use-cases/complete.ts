import { deriveId, freshCommandId, sha256 } from '../actors/derive.ts';
import { formatTime } from '../clock.ts';
import { TroupeError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { childTotal, isReady } from '../machines/readings.ts';
import type { TaskState } from '../machines/context.ts';
import type { ArtifactContent } from '../persistence/store.ts';
import type { Input } from '../protocol/methods.ts';
import { nameOf } from './access.ts';
import { tellDone } from './answer.ts';
import type { Caller } from './caller.ts';
import { converse } from './mutate.ts';
import type { Handler, Services } from './services.ts';

const eventTypes = {
  complete: 'COMPLETE',
  continue: 'COMPLETE.continue',
  needs_revision: 'COMPLETE.needs_revision',
  blocked: 'COMPLETE.blocked',
} as const;

interface Brought {
  readonly artifacts: readonly ArtifactContent[];
  /** Why not all of it can be claimed: no reason to refuse a command that was taken before, since its work may be deleted by now. */
  readonly refusal: TroupeError | null;
}

/** What the caller brings: the detailed work as text, and uploads of its own that no other task has claimed. */
async function artifactsOf(services: Services, input: Input<'task.complete'>, commandId: string, caller: Caller): Promise<Brought> {
  const { taskId, detailedWork, artifactType } = input;
  const by = nameOf(caller);
  const artifacts: ArtifactContent[] = [];
  let refusal: TroupeError | null = null;
  for (const [index, { artifactId }] of input.artifacts.entries()) {
    if (artifacts.some(({ ref }) => ref.id === artifactId)) continue;
    const ref = await services.store.artifact(artifactId);
    if (ref === null || (ref.taskId !== null && ref.taskId !== taskId) || ref.createdBy.split('/')[0] !== caller.name)
      refusal ??= new TroupeError('ARTIFACT_NOT_FOUND', `there is no upload ${artifactId} of yours to claim`, {
        issues: [{ path: `artifacts[${index}].artifactId`, message: 'no upload of yours that another task has not claimed' }],
      });
    else artifacts.push({ ref: { ...ref, taskId }, content: null });
  }
  if (detailedWork === undefined || detailedWork === '') return { artifacts, refusal };
  const content = Buffer.from(detailedWork);
  const ref = {
    id: deriveId('a', taskId, by, commandId),
    taskId,
    type: artifactType,
    name: input.artifactName ?? `${artifactType}.md`,
    mediaType: 'text/markdown',
    bytes: content.length,
    sha256: sha256(content),
    createdAt: formatTime(services.store.now()),
    createdBy: by,
  };
  return { artifacts: [{ ref, content }, ...artifacts], refusal };
}

/** The dependents and the parent that can be executed now, for a command that is sent again. */
async function readyAround({ store, paused }: Services, { context }: TaskState): Promise<TaskId[]> {
  const { direct, inherited } = context.dependents;
  const around = [...direct, ...inherited, ...(context.spec.parentId === null ? [] : [context.spec.parentId])];
  const records = await store.load(around);
  return around.filter((id) => {
    const record = records.get(id);
    return record !== undefined && isReady(record.snapshot) && !paused.holds(record.snapshot);
  });
}

export const complete: Handler<'task.complete'> = async (services, input, caller) => {
  const { taskId } = input;
  const commandId = input.commandId ?? freshCommandId();
  const { artifacts: brought, refusal } = await artifactsOf(services, input, commandId, caller);
  const done = await converse(services, 'task.complete', { ...input, commandId }, caller, (talk) => {
    if (refusal !== null) throw refusal;
    const { context } = talk.state(taskId);
    const fresh = brought.filter(({ ref }) => !context.artifacts.some((known) => known.id === ref.id));
    talk.artifacts.push(...fresh);
    talk.send(taskId, {
      type: eventTypes[input.nextAction],
      lease: input.lease,
      summary: input.summary,
      filePaths: input.filePaths,
      artifacts: fresh.map(({ ref }) => ref),
      acceptance: input.acceptance,
      feedback: input.feedback ?? null,
      at: talk.at,
      by: talk.by,
    });
    return talk.becameReady().filter((id) => !services.paused.holds(talk.state(id)));
  });
  const { task, position, repeated } = tellDone(services, taskId, done);
  const state = done.repeated ? done.record.snapshot : done.parts.get(taskId)?.state;
  const { parentId } = task;
  const parent =
    parentId === null
      ? undefined
      : (!done.repeated && done.parts.get(parentId)?.state) || (await services.store.load([parentId])).get(parentId)?.snapshot;
  return {
    task,
    position,
    ...(repeated === true && { repeated }),
    artifacts: brought.map(({ ref }) => task.artifacts.find((kept) => kept.id === ref.id) ?? ref),
    ready: done.repeated ? (state === undefined ? [] : await readyAround(services, state)) : [...done.value],
    parent:
      parentId === null || parent === undefined
        ? null
        : { taskId: parentId, open: parent.context.children.open, total: childTotal(parent.context) },
  };
};
