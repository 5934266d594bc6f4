/** The client of `troupe.v1`, whatever WebSocket it is given. */
export { TroupeError } from '../errors.ts';
export type { Reason } from '../errors.ts';
export type { ActorEvent, EventFilter, SessionEvent, TaskEvent } from '../protocol/event.ts';
export type { MethodName, Output } from '../protocol/methods.ts';
export type { Task } from '../protocol/task.ts';
export { Client } from './client.ts';
export type { ConnectOptions } from './client.ts';
export type { EventItem, EventsOptions } from './iterate.ts';
export { Link } from './link.ts';
export type { Address, Asked, CallOptions, FollowOptions, LinkOptions, LinkState, Listener, StreamEvent } from './link.ts';
export type { Run, Work } from './run.ts';
export { TerminalError } from './terminal-error.ts';
export type { Handler, Worker, WorkFilter, WorkOptions } from './work.ts';
export type { OpenSocket, Socket, SocketEvent } from './socket.ts';
export type { LiveView, ViewChange, ViewFilter, ViewOptions } from './view.ts';
export type { LastEvent, Row } from './view-rows.ts';
