import type { AnyStateMachine } from 'xstate';
import { sessionMachine } from '../../src/machines/session.ts';
import { taskMachine } from '../../src/machines/task.ts';

/** The machines whose layouts are kept, each with the way that is drawn straight down. */
export const drawn: readonly { readonly machine: AnyStateMachine; readonly mainWay: readonly string[] }[] = [
  { machine: taskMachine, mainWay: ['pending', 'in_progress', 'completed', 'archived'] },
  { machine: sessionMachine, mainWay: ['active', 'completed', 'archived'] },
];
