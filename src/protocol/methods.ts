import type * as z from 'zod';
import { artifacts } from './methods/artifacts.ts';
import { commands } from './methods/commands.ts';
import { edges } from './methods/edges.ts';
import { maintenance, operation } from './methods/maintenance.ts';
import { readings } from './methods/readings.ts';
import { service } from './methods/service.ts';
import { sessions } from './methods/sessions.ts';
import { templates } from './methods/templates.ts';

export { scopes } from './methods/row.ts';
export type { Scope } from './methods/row.ts';
export type { Connections, Restart, Restarts } from './methods/maintenance.ts';
export type { DependencyInput, Editable, PlannedTask, TaskFilter } from './methods/given.ts';

/**
 * The methods of `troupe.v1`: one row each with input, output and scope.
 * WebSocket methods, use cases, and every other face of the service derive from these rows.
 */
export const methods = {
  ...commands,
  ...readings,
  ...edges,
  ...artifacts,
  ...sessions,
  ...templates,
  ...service,
  ...maintenance,
  ...operation,
};

export type MethodName = keyof typeof methods;
export type Input<M extends MethodName> = z.output<(typeof methods)[M]['input']>;
export type Output<M extends MethodName> = z.input<(typeof methods)[M]['output']>;

/** The mission's short forms. */
export const aliases: Readonly<Record<string, MethodName>> = { plan: 'task.plan', execute: 'task.execute', complete: 'task.complete' };
