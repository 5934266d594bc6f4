import * as z from 'zod';
import { idPatterns } from '../ids.ts';
import { connectionMethods, notifications, requestId, sentEvent } from './messages.ts';
import { dependencyInput, editable, plannedTask, readyFilter, taskFilter } from './methods/given.ts';
import { event, eventType, execution, mutated } from './methods/row.ts';
import { eventFilter } from './methods/service.ts';
import { sessionChanged } from './methods/sessions.ts';
import { issue, metadata, parameter } from './methods/templates.ts';
import { methods } from './methods.ts';
import { session, sessionSummary } from './session.ts';
import { artifactRef, childCounts, dependency, lease, task, taskSummary } from './task.ts';
import * as v from './values.ts';
import { wireError } from './wire-error.ts';

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** What has a name of its own, so that it is told once. The methods' params and results are named after the method. */
const shared: Readonly<Record<string, z.ZodType>> = {
  TaskId: v.taskId,
  SessionId: v.sessionId,
  ArtifactId: v.artifactId,
  LeaseId: v.leaseId,
  RequestId: requestId,
  CommandId: v.commandId,
  ExternalId: v.externalId,
  SpecialistKey: v.specialistKey,
  Title: v.title,
  Time: v.time,
  Position: v.position,
  Task: task,
  TaskSummary: taskSummary,
  TaskChanged: mutated,
  Dependency: dependency,
  Lease: lease,
  ChildCounts: childCounts,
  Artifact: artifactRef,
  Execution: execution,
  DependencyInput: dependencyInput,
  PlannedTask: plannedTask,
  TaskEdit: editable,
  TaskFilter: taskFilter,
  ReadyFilter: readyFilter,
  Session: session,
  SessionSummary: sessionSummary,
  SessionChanged: sessionChanged,
  TemplateMetadata: metadata,
  TemplateParameter: parameter,
  EventFilter: eventFilter,
  EventType: eventType,
  Event: event,
  SentEvent: sentEvent,
  Issue: issue,
  Error: wireError,
};

export interface JsonSchemas {
  /** By name; they refer to each other with `$ref`. */
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly refTo: (schema: z.ZodType) => Schema;
}

/**
 * Every message's parts as JSON Schemas, without words that draft 7 and 2020-12 understand differently. They say what is sent, so a
 * default is told and need not be given, and what is answered may have more members. What no schema can say (bytes of UTF-8, or that one
 * of two members is needed) a refusal says.
 */
export function jsonSchemas(refOf: (name: string) => string): JsonSchemas {
  const names = new Map<z.ZodType, string>(Object.entries(shared).map(([name, schema]) => [schema, name]));
  const add = (name: string, schema: z.ZodType): void => {
    if (!names.has(schema)) names.set(schema, name);
  };
  for (const [name, { input, output }] of Object.entries({ ...connectionMethods, ...methods })) {
    add(`${name}.params`, input);
    add(`${name}.result`, output);
  }
  for (const [name, { params }] of Object.entries(notifications)) add(`${name}.params`, params);
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io: 'input', target: 'draft-7', uri: refOf, unrepresentable: custom });
  return {
    schemas: Object.fromEntries(
      Object.entries(made.schemas).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [name, members(schema)]),
    ),
    refTo(schema) {
      const name = names.get(schema);
      if (name === undefined) throw new Error('the schema has no name');
      return { $ref: refOf(name) };
    },
  };
}

const patterns = new Map<z.core.$ZodType, RegExp>([
  [v.taskId, idPatterns.t],
  [v.sessionId, idPatterns.s],
  [v.artifactId, idPatterns.a],
  [v.leaseId, idPatterns.l],
]);

/** Of types that zod only knows a test for. */
function custom({ zodSchema, message }: { readonly zodSchema: z.core.$ZodType; readonly message: string }) {
  const pattern = patterns.get(zodSchema);
  if (pattern !== undefined) return { type: 'string' as const, pattern: pattern.source };
  if (z.core.safeParse(zodSchema, {}).success) return { type: 'object' as const };
  throw new Error(message);
}

/** Without what says nothing: bounds that every integer of JavaScript keeps, names that are strings, a choice of one. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const [[key, choice] = [], ...others] = Object.entries(value);
  return key === 'allOf' && others.length === 0 && Array.isArray(choice) && choice.length === 1 ? tidy(choice[0]) : members(value);
}

const members = (schema: object): Schema =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([name, member]) => !isIdle(name, member))
      .map(([name, member]) => [name, tidy(member)]),
  );

const isIdle = (name: string, member: unknown): boolean =>
  member === Number.MAX_SAFE_INTEGER ||
  member === Number.MIN_SAFE_INTEGER ||
  (name === 'propertyNames' && typeof member === 'object' && member !== null && JSON.stringify(member) === '{"type":"string"}');
