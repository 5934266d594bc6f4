import type { MethodName } from '../protocol/methods.ts';
import { addDependency } from './dependency-add.ts';
import { answerQuestion } from './answer-question.ts';
import { appendArtifact } from './artifact-append.ts';
import { archive } from './archive.ts';
import { archiveOld } from './maintenance-archive.ts';
import { beginArtifact } from './artifact-begin.ts';
import { block } from './block.ts';
import { cancel } from './cancel.ts';
import { claim } from './claim.ts';
import { complete } from './complete.ts';
import { context } from './context.ts';
import { create } from './create.ts';
import { deleteTask } from './delete.ts';
import { edit } from './edit.ts';
import { execute } from './execute.ts';
import { fail } from './fail.ts';
import { finishArtifact } from './artifact-finish.ts';
import { free } from './maintenance-free.ts';
import { get } from './get.ts';
import { getArtifact } from './artifact-get.ts';
import { getMachine, listMachines } from './machines.ts';
import { getSpecialist, listSpecialists } from './specialists.ts';
import { handover } from './maintenance-handover.ts';
import { health } from './health.ts';
import { history } from './history.ts';
import { inspectionTicket } from './inspection-ticket.ts';
import { list } from './list.ts';
import { listArtifacts } from './artifact-list.ts';
import { next } from './next.ts';
import { note } from './note.ts';
import { plan } from './plan.ts';
import { progress } from './progress.ts';
import { ready } from './ready.ts';
import { removeDependency } from './dependency-remove.ts';
import { reopen } from './reopen.ts';
import { restart } from './restart.ts';
import { retry } from './retry.ts';
import { scan } from './maintenance-scan.ts';
import type { Handler } from './services.ts';
import { cleanUpSessions } from './session-cleanup.ts';
import { completeSession } from './session-complete.ts';
import { createSession } from './session-create.ts';
import { getSession } from './session-get.ts';
import { listSessions } from './session-list.ts';
import { pauseSession } from './session-pause.ts';
import { resumeSession } from './session-resume.ts';
import { status } from './status.ts';
import { subscribe } from './subscribe.ts';
import { synthesize } from './synthesize.ts';
import { templateCases } from './templates.ts';
import { unblock } from './unblock.ts';
import { unsubscribe } from './unsubscribe.ts';
import { validate } from './maintenance-validate.ts';
import { waiveDependency } from './dependency-waive.ts';

/** The one table: every method of the protocol and the use case that carries it out. */
export const useCases = {
  'task.plan': plan,
  'task.create': create,
  'task.claim': claim,
  'task.execute': execute,
  'task.context': context,
  'task.progress': progress,
  'task.complete': complete,
  'task.fail': fail,
  'task.block': block,
  'task.answer': answerQuestion,
  'task.unblock': unblock,
  'task.cancel': cancel,
  'task.retry': retry,
  'task.reopen': reopen,
  'task.edit': edit,
  'task.note': note,
  'task.archive': archive,
  'task.delete': deleteTask,
  'task.get': get,
  'task.list': list,
  'task.ready': ready,
  'task.next': next,
  'task.history': history,
  'task.synthesize': synthesize,
  'dependency.add': addDependency,
  'dependency.remove': removeDependency,
  'dependency.waive': waiveDependency,
  'artifact.get': getArtifact,
  'artifact.list': listArtifacts,
  'artifact.begin': beginArtifact,
  'artifact.append': appendArtifact,
  'artifact.finish': finishArtifact,
  'session.create': createSession,
  'session.get': getSession,
  'session.list': listSessions,
  'session.pause': pauseSession,
  'session.resume': resumeSession,
  'session.complete': completeSession,
  'session.cleanup': cleanUpSessions,
  'specialist.list': listSpecialists,
  'specialist.get': getSpecialist,
  'events.subscribe': subscribe,
  'events.unsubscribe': unsubscribe,
  'machine.list': listMachines,
  'machine.get': getMachine,
  'inspection.ticket': inspectionTicket,
  'system.status': status,
  ...templateCases,
  'system.health': health,
  'system.restart': restart,
  'maintenance.scan': scan,
  'maintenance.free': free,
  'maintenance.archive': archiveOld,
  'maintenance.validate': validate,
  'maintenance.handover': handover,
} satisfies { [M in MethodName]: Handler<M> };
