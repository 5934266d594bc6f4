import type * as z from 'zod';
import { jsonSchemas } from './json-schemas.ts';
import { connectionMethods, notifications, requestId } from './messages.ts';
import { aliases, methods } from './methods.ts';
import { reasons, toldReason } from './reasons.ts';
import { subprotocol } from './subprotocol.ts';
import { wireError } from './wire-error.ts';
import type { JsonSchemas, Schema } from './json-schemas.ts';
import type { Scope } from './methods.ts';

/** The protocol as an AsyncAPI 3 document, seen from the service: it receives requests, answers each, and sends notifications. */

interface MethodRow {
  readonly summary: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly scope?: Scope;
}

export interface AsyncApiOptions {
  /** Of the service. */
  readonly version: string;
  /** Where it is: `http://host:port`, or https. */
  readonly origin: string;
}

const channel = '#/channels/ws';
const jsonrpc = { const: '2.0' };
const table: Readonly<Record<string, MethodRow>> = { ...connectionMethods, ...methods };

const description = `JSON-RPC 2.0 over one WebSocket, one object in each text frame. PROTOCOL.md says in words what this document says in schemas, and what no schema can: order, reconnecting, close codes, limits.

The first request is \`session.hello\`. Every other one needs the scope in its \`x-scope\`. Answers come in the order in which requests finish and are found by \`id\`. Clients ignore members and notifications that they do not know.`;

export function asyncApi({ version, origin }: AsyncApiOptions) {
  const schemas = jsonSchemas((name) => `#/components/schemas/${name}`);
  const { host, protocol } = new URL(origin);
  const requests = Object.entries(table).map(([name, row]) => requestOf(name, row, schemas));
  const answers = Object.entries(table).map(([name, row]) => answerOf(name, row, schemas));
  const told = Object.entries(notifications).map(([name, row]) => notificationOf(name, row, schemas));
  const messages = Object.fromEntries([...requests, ...answers, ['error', refusal(schemas)] as const, ...told]);
  return {
    asyncapi: '3.0.0',
    info: { title: `Troupe (${subprotocol})`, version, description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      service: {
        host,
        protocol: protocol === 'https:' ? 'wss' : 'ws',
        security: [{ $ref: '#/components/securitySchemes/token' }],
      },
    },
    channels: {
      ws: {
        address: '/ws',
        title: subprotocol,
        messages: Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: { ws: { method: 'GET', headers: handshake, bindingVersion: '0.1.0' } },
      },
    },
    operations: Object.fromEntries([
      ...Object.entries(table).map(([name, row]) => [name, requesting(name, row)] as const),
      ...Object.entries(notifications).map(([name, row]) => [name, notifying(name, row)] as const),
    ]),
    components: {
      messages,
      schemas: {
        ...schemas.schemas,
        Error: { ...schemas.schemas['Error'], 'x-reasons': Object.fromEntries(reasons.map((reason) => [reason, toldReason(reason)])) },
      },
      securitySchemes: { token },
    },
  };
}

const handshake = {
  type: 'object',
  properties: { 'Sec-WebSocket-Protocol': { const: subprotocol }, Authorization: { type: 'string', pattern: '^Bearer ' } },
  required: ['Sec-WebSocket-Protocol'],
};

const token = {
  type: 'http',
  scheme: 'bearer',
  description: 'In the Authorization header of the upgrade, or, for clients that can send none, as `token` in `session.hello`.',
};

const tags = (name: string) => [{ name: name.split('.', 1)[0] }];

const named = (name: string): string[] => [name, ...Object.keys(aliases).filter((alias) => aliases[alias] === name)];

const requesting = (name: string, { summary, scope }: MethodRow) => ({
  action: 'receive',
  channel: { $ref: channel },
  title: name,
  summary,
  tags: tags(name),
  ...(scope === undefined ? {} : { 'x-scope': scope }),
  messages: [{ $ref: `${channel}/messages/${name}.request` }],
  reply: {
    channel: { $ref: channel },
    messages: [{ $ref: `${channel}/messages/${name}.answer` }, { $ref: `${channel}/messages/error` }],
  },
});

const notifying = (name: string, { summary }: { readonly summary: string }) => ({
  action: 'send',
  channel: { $ref: channel },
  title: name,
  summary,
  tags: tags(name),
  messages: [{ $ref: `${channel}/messages/${name}` }],
});

/** Correlated by the id, as an answer is. */
const correlated = (title: string, payload: Schema) => ({ title, correlationId: { location: '$message.payload#/id' }, payload });

/** With all of these members. */
const envelope = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties: { jsonrpc, ...properties },
  required: ['jsonrpc', ...Object.keys(properties)],
});

function requestOf(name: string, { input }: MethodRow, { refTo }: JsonSchemas) {
  const { required, ...rest } = envelope({ id: refTo(requestId), method: { enum: named(name) }, params: refTo(input) });
  const isOptional = input.safeParse({}).success;
  const needed = isOptional ? ['jsonrpc', 'id', 'method'] : required;
  return [`${name}.request`, correlated(`${name}: request`, { ...rest, required: needed, additionalProperties: false })] as const;
}

function answerOf(name: string, { output }: MethodRow, { refTo }: JsonSchemas) {
  return [`${name}.answer`, correlated(`${name}: answer`, envelope({ id: refTo(requestId), result: refTo(output) }))] as const;
}

/** The id is null when the message was too broken to have one. */
function refusal({ refTo }: JsonSchemas) {
  const id = { anyOf: [refTo(requestId), { type: 'null' }] };
  return correlated('Any request: refusal', envelope({ id, error: refTo(wireError) }));
}

function notificationOf(name: string, { params }: { readonly params: z.ZodType }, { refTo }: JsonSchemas) {
  return [name, { title: name, payload: envelope({ method: { const: name }, params: refTo(params) }) }] as const;
}
