import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { asyncApi } from '../../src/protocol/asyncapi.ts';
import { connectionMethods, notifications } from '../../src/protocol/messages.ts';
import { aliases, methods } from '../../src/protocol/methods.ts';
import { createTroupe } from '../../src/server.ts';
import { version } from '../../src/version.ts';
import { generated } from '../support/generated.ts';
import { tellStory } from './story.ts';
import { Wire } from './wire.ts';

/** The document of the protocol: right as a document, and right about what the service really sends. */

type Document = ReturnType<typeof asyncApi>;
type Frame = Readonly<Record<string, unknown>>;
interface Frames {
  readonly sent: readonly Frame[];
  readonly received: readonly Frame[];
}

const document = asyncApi({ version, origin: 'http://127.0.0.1:7420' });
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const names = Object.keys({ ...connectionMethods, ...methods });

async function serve() {
  const data = await mkdtemp(join(tmpdir(), 'troupe-documents-'));
  const troupe = await createTroupe({ data, port: 0, logger });
  const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
  const end = async (): Promise<void> => {
    await troupe.close();
    await rm(data, { recursive: true });
  };
  return { troupe, token, end };
}

const methodOf = (called: unknown): string => aliases[String(called)] ?? String(called);

/** Says what is wrong with a message of that name. */
function checkerOf(api: Document, Dialect: typeof Ajv | typeof Ajv2020 = Ajv2020) {
  const ajv = new Dialect({ strict: true, allowUnionTypes: true, allErrors: true });
  // No words of JSON Schema: where the schemas are, and what the errors add.
  ajv.addVocabulary(['components', 'x-reasons']);
  ajv.addSchema({ components: api.components }, 'troupe');
  return {
    ajv,
    faults(message: string, frame: Frame): string[] {
      const validate = ajv.getSchema(`troupe#/components/messages/${message}/payload`);
      if (validate === undefined) return [`there is no message ${message}`];
      void validate(frame);
      return (validate.errors ?? []).map(
        ({ instancePath, message: fault, params }) => `${message}${instancePath} ${fault} ${JSON.stringify(params)}`,
      );
    },
  };
}

/** The same document, with every member refused that it does not name. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, closed(item)]));
  return 'type' in value && value.type === 'object' && 'properties' in value ? { ...members, additionalProperties: false } : members;
}

/** What the document says wrongly about these frames. */
function faultsIn(api: Document, { sent, received }: Frames): string[] {
  const { faults } = checkerOf(closed(api) as Document);
  const requests = new Map(sent.map((frame) => [frame['id'], frame]));
  return received.flatMap((frame) => {
    if ('method' in frame) return faults(String(frame['method']), frame);
    if ('error' in frame) return faults('error', frame);
    const request = requests.get(frame['id']);
    const name = methodOf(request?.['method']);
    return [...faults(`${name}.request`, request ?? {}), ...faults(`${name}.answer`, frame)];
  });
}

interface ObjectSchema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
}

const having = ({ properties, required }: ObjectSchema, name: string, schema: object): ObjectSchema => ({
  properties: { ...properties, [name]: schema },
  required: [...new Set([...required, name])],
});

const lacking = ({ properties, required }: ObjectSchema, name: string): ObjectSchema => ({
  properties: Object.fromEntries(Object.entries(properties).filter(([other]) => other !== name)),
  required: required.filter((other) => other !== name),
});

test('docs/asyncapi.json is what the code says', async () => {
  const { made, committed } = await generated('docs/asyncapi.json', JSON.stringify(document));
  expect(committed).toBe(made);
});

test('it is an AsyncAPI document with every method and notification', { timeout: 60_000 }, async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
  // That there is a newer version of AsyncAPI is no fault.
  expect(diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')).toEqual([]);
  const operations = parsed?.operations().all() ?? [];
  expect(operations.map((operation) => operation.id())).toEqual([...names, ...Object.keys(notifications)]);
  for (const operation of operations) {
    const isMethod = names.includes(operation.id() ?? '');
    expect([operation.id(), operation.action(), operation.reply()?.messages().length]).toEqual(
      isMethod ? [operation.id(), 'receive', 2] : [operation.id(), 'send', undefined],
    );
  }
});

test('its operations tell who may call them', () => {
  const operations: Readonly<Record<string, object>> = document.operations;
  for (const [name, { scope, summary }] of Object.entries(methods)) expect(operations[name]).toMatchObject({ summary, 'x-scope': scope });
});

test.each([
  ['draft 7', Ajv],
  ['2020-12', Ajv2020],
] as const)('every schema in it is one of JSON Schema %s', (_, Dialect) => {
  const { ajv } = checkerOf(document, Dialect);
  for (const name of Object.keys(document.components.schemas)) {
    expect([name, typeof ajv.getSchema(`troupe#/components/schemas/${name}`)]).toEqual([name, 'function']);
  }
});

describe('what goes over the wire', () => {
  let frames: Frames = { sent: [], received: [] };

  beforeAll(async () => {
    const { troupe, token, end } = await serve();
    const wire = await Wire.open(troupe.url);
    await tellStory(wire, token);
    await end();
    await wire.notified('events.closed');
    frames = wire as Frames;
  });

  test('is as the document says, without a member that it does not name', () => {
    expect(faultsIn(document, frames)).toEqual([]);
  });

  test('is every method, with a result, and every notification', () => {
    const answered = new Set(frames.received.filter((frame) => 'result' in frame).map(({ id }) => id));
    const asked = new Set(frames.sent.filter(({ id }) => answered.has(id)).map(({ method }) => methodOf(method)));
    expect(names.filter((name) => !asked.has(name))).toEqual([]);
    const told = new Set(frames.received.map(({ method }) => method));
    expect(Object.keys(notifications).filter((name) => !told.has(name))).toEqual([]);
  });

  const lies: readonly (readonly [string, string, (schema: ObjectSchema) => Partial<ObjectSchema>])[] = [
    ['an answer has a member more', 'task.progress.result', (schema) => having(schema, 'percent', { type: 'number' })],
    ['an answer has a member of another type', 'ChildCounts', (schema) => having(schema, 'open', { type: 'string' })],
    ['an answer has a member less', 'Lease', (schema) => lacking(schema, 'expiresAt')],
    ['a param must be given', 'task.note.params', ({ required }) => ({ required: [...required, 'ifRev'] })],
    ['an event has no cause', 'events.event.params', (schema) => lacking(schema, 'cause')],
    ['a refusal has another code', 'Error', (schema) => having(schema, 'code', { const: 400 })],
  ];

  test.each(lies)('shows a document that says that %s', (_, name, lie) => {
    const schemas: Readonly<Record<string, object>> = document.components.schemas;
    const lying = { ...schemas, [name]: { ...schemas[name], ...lie(schemas[name] as ObjectSchema) } };
    expect(faultsIn({ ...document, components: { ...document.components, schemas: lying } } as Document, frames)).not.toEqual([]);
  });
});

describe('GET /asyncapi.json', () => {
  test('is the document of this service, for everybody, and comes once', async () => {
    const { troupe, end } = await serve();
    onTestFinished(end);
    const url = `${troupe.http}/asyncapi.json`;
    const first = await fetch(url);
    expect(first.headers.get('content-type')).toBe('application/json');
    expect(await first.json()).toEqual(JSON.parse(JSON.stringify(asyncApi({ version, origin: troupe.http }))));
    const etag = first.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(url, { headers: { Origin: 'https://elsewhere.example' } })).status).toBe(403);
  });
});
