import * as z from 'zod';
import * as v from '../values.ts';
import { position, rows } from './row.ts';

export const eventFilter = z.strictObject({
  project: v.project.optional(),
  rootId: v.taskId.optional(),
  taskId: v.taskId.optional(),
  sessionId: v.sessionId.optional(),
});

const role = z.object({
  key: z.string(),
  name: z.string(),
  source: z.enum(['builtin', 'project']),
  hash: z.string(),
  definition: z.string(),
  capabilities: z.array(z.string()),
  staleHours: z.number(),
});

const diagram = z.object({
  id: z.string(),
  version: z.int(),
  initial: z.string(),
  states: z.array(z.string()),
  events: z.array(z.string()),
});

/** Methods about the service itself: its specialists, its stream, its machines, its figures. */
export const service = rows({
  'specialist.list': {
    scope: 'read',
    summary: 'The roles that tasks can be given to.',
    input: z.strictObject({}),
    output: z.object({ items: z.array(role) }),
  },
  'specialist.get': {
    scope: 'read',
    summary: 'One role, whole.',
    input: z.strictObject({ key: v.specialistKey }),
    output: z.object({ role: role.extend({ expertise: z.array(z.string()), approach: z.array(z.string()), outputFormat: z.string() }) }),
  },
  'events.subscribe': {
    scope: 'read',
    summary: 'Events from a position on, or from now. Answers whether every missed one follows (`resumed`) or the client must list first.',
    input: z.strictObject({ since: position.optional(), filter: eventFilter.default({}), batchMs: z.int().min(0).max(50).default(0) }),
    output: z.object({ view: z.string(), mode: z.enum(['resumed', 'list', 'live']), position, reason: z.string().optional() }),
  },
  'events.unsubscribe': {
    scope: 'read',
    summary: 'Ends a subscription.',
    input: z.strictObject({ view: z.string().min(1).max(64) }),
    output: z.object({ view: z.string() }),
  },
  'machine.list': {
    scope: 'read',
    summary: 'The state machines of the service.',
    input: z.strictObject({}),
    output: z.object({ items: z.array(diagram) }),
  },
  'machine.get': {
    scope: 'read',
    summary: 'One machine as transitions, as a Mermaid state diagram, as a picture (`svg`) and as XState code (`xstate`).',
    input: z.strictObject({ id: z.string().min(1).max(64) }),
    output: z.object({
      machine: diagram.extend({
        transitions: z.array(z.object({ from: z.string(), event: z.string(), to: z.string(), guards: z.array(z.string()) })),
        mermaid: z.string(),
        svg: z.string(),
        xstate: z.string(),
      }),
    }),
  },
  'inspection.ticket': {
    scope: 'read',
    summary: 'Makes a ticket that opens `/inspect` once: for receivers that can send nothing but a URL.',
    input: z.strictObject({}),
    output: z.object({ ticket: z.string(), expiresAt: z.string() }),
  },
  'system.status': {
    scope: 'read',
    summary: 'Measured figures of the service: tasks by status, connections, commands, store.',
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      startedAt: z.string(),
      uptimeMs: z.int(),
      healthy: z.boolean(),
      store: z.object({ kind: z.string(), writable: z.boolean(), problems: z.array(z.string()), quarantined: z.int() }),
      tasks: z.record(z.string(), z.int()),
      ready: z.int(),
      methods: z.record(
        z.string(),
        z.object({ count: z.int(), refused: z.int(), p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() }),
      ),
      actors: z.object({ hot: z.int(), limit: z.int() }),
      events: z.object({ windowEvents: z.int(), position }),
      eventLoop: z.object({ p50Ms: z.number(), p99Ms: z.number() }),
      memory: z.object({ rssBytes: z.int(), heapUsedBytes: z.int() }),
    }),
  },
});
