/** The state machines, for those who want to look at them, simulate them, or build upon them. */
export { taskMachine, taskMachineId, taskMachineVersion } from './task.ts';
export { sessionMachine, sessionMachineId, sessionMachineVersion } from './session.ts';
export { diagramOf, machineDescriptions } from './diagram.ts';
export type { DiagramFormat, MachineDescription } from './diagram.ts';
export { diagramColours, diagramRules } from './diagram/style.ts';
export { allowedEvents, refusalOf } from './refusal.ts';
export { allowedSessionEvents, sessionRefusalOf } from './session-refusal.ts';
export { newSession } from './session-context.ts';
export { newContext } from './birth.ts';
export type { TaskContext, TaskSpec, TaskState } from './context.ts';
export type { SessionContext, SessionMachineEvent, SessionSpec, SessionState } from './session-context.ts';
export type { MachineEvent, Message, TaskEventName, Tell } from './events.ts';
