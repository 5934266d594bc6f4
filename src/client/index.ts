/** The client of `troupe.v1`, whatever WebSocket it is given. */
export { TroupeError } from '../errors.ts';
export type { Reason } from '../errors.ts';
export type { ActorEvent, EventFilter, SessionEvent, TaskEvent } from '../protocol/event.ts';
export type { MethodName, Output } from '../protocol/methods.ts';
export type { Task } from '../protocol/task.ts';
export { Link } from './link.ts';
export type { Address, Asked, CallOptions, FollowOptions, LinkOptions, LinkState, Listener, StreamEvent } from './link.ts';
export type { OpenSocket, Socket, SocketEvent } from './socket.ts';
export { LiveView } from './view.ts';
export type { ViewChange, ViewFilter, ViewOptions } from './view.ts';
export type { LastEvent, Row } from './view-rows.ts';
