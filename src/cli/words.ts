import type { MethodName } from '../protocol/methods.ts';

/** The service speaks in methods, members and events of its protocol; who types knows commands and options. Held by a test against both. */

export const commandOfMethod: Readonly<Partial<Record<MethodName, string>>> = {
  'task.plan': 'plan',
  'task.create': 'create',
  'task.claim': 'work',
  'task.execute': 'execute',
  'task.progress': 'progress',
  'task.complete': 'complete',
  'task.fail': 'fail',
  'task.block': 'block',
  'task.answer': 'answer',
  'task.unblock': 'unblock',
  'task.retry': 'retry',
  'task.reopen': 'reopen',
  'task.cancel': 'cancel',
  'task.archive': 'archive',
  'task.delete': 'delete',
  'task.note': 'note',
  'task.edit': 'edit',
  'task.get': 'show',
  'task.list': 'list',
  'task.ready': 'ready',
  'task.next': 'next',
  'task.history': 'history',
  'dependency.add': 'depend',
  'dependency.remove': 'undepend',
  'dependency.waive': 'waive',
  'artifact.get': 'artifact',
  'machine.get': 'diagram',
  'machine.list': 'diagram',
  'events.subscribe': 'watch',
  'session.create': 'session create',
  'session.list': 'session list',
  'session.get': 'session show',
  'session.pause': 'session pause',
  'session.resume': 'session resume',
  'session.complete': 'session complete',
  'system.status': 'status',
};

const optionOfMember: Readonly<Record<string, string>> = {
  commandId: '--command-id',
  nextAction: '--next',
  'subtree: true': '--subtree',
  'force: true': '--force',
  sessionId: '--session',
  detailedWork: '--work',
};

const commandOfTaskEvent: Readonly<Record<string, string>> = {
  START: 'execute',
  DEPENDENCY_ADD: 'depend',
  DEPENDENCY_REMOVE: 'undepend',
  DEPENDENCY_WAIVE: 'waive',
};

const commandOfSessionEvent: Readonly<Record<string, string | null>> = {
  PAUSE: 'session pause',
  RESUME: 'session resume',
  COMPLETE: 'session complete',
  // Left to the page and to agents.
  ARCHIVE: null,
};

export const commandOf = (event: string): string => commandOfTaskEvent[event] ?? event.toLowerCase();

export const sessionCommandsOf = (events: readonly string[]): string[] => events.flatMap((event) => commandOfSessionEvent[event] ?? []);

const known = [...Object.keys(commandOfMethod), ...Object.keys(optionOfMember)].join('|').replaceAll('.', String.raw`\.`);
const words = new RegExp(String.raw`\b(?:${known})\b`, 'g');

const isMethod = (word: string): word is MethodName => Object.hasOwn(commandOfMethod, word);

/** A sentence of the service in the words of the command line. */
export const inCommandWords = (text: string): string =>
  text.replaceAll(words, (word) => (isMethod(word) ? `troupe ${commandOfMethod[word]}` : (optionOfMember[word] ?? word)));
