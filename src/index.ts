/** Troupe as a library: the service in one's own process. */
export { createTroupe } from './server.ts';
export type { TokenGrant, Troupe, TroupeOptions, TroupeTokens } from './server.ts';
export type { TokenInfo } from './transport/tokens.ts';
export { createLog } from './logger.ts';
export { LockedError } from './persistence/lowdb/lock.ts';
export type { Log, Logger } from './logger.ts';
export type { Limits } from './transport/ws/limits.ts';
export type { Clock } from './clock.ts';
export type { Store } from './persistence/store.ts';
export { catalogue, TroupeError } from './errors.ts';
export { fixes, fixOf } from './fixes.ts';
export type { ErrorDetails, Issue, Reason, WireError } from './errors.ts';
export { aliases, methods } from './protocol/methods.ts';
export type { Input, MethodName, Output, Scope } from './protocol/methods.ts';
export type { EventFilter, EventType, TaskEvent } from './protocol/event.ts';
export type { ArtifactRef, Task, TaskSummary } from './protocol/task.ts';
export { closeCodes, finalCloseCodes } from './protocol/close-codes.ts';
export { version } from './version.ts';
