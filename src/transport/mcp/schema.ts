import * as z from 'zod';

type JsonSchema = Record<string, unknown>;

/**
 * Words of JSON Schema that a list of tools leaves out, since agents pay for every byte of it: bounds and patterns, which a refusal
 * names when it comes to that.
 */
const left = new Set([
  '$schema',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'pattern',
  'propertyNames',
  'additionalProperties',
]);

function terse(value: unknown, isName: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => terse(item, false));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (!isName && left.has(key) ? [] : [[key, terse(item, !isName && key === 'properties')]])),
  );
}

const inputs = new WeakMap<z.ZodType, JsonSchema>();
const outputs = new WeakMap<z.ZodType, JsonSchema>();

/** The arguments of a tool as JSON Schema 2020-12, in few words; made once. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  const before = inputs.get(schema);
  if (before !== undefined) return before;
  const json: JsonSchema = {};
  Object.assign(json, terse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), false));
  inputs.set(schema, json);
  return json;
}

/** How deep the schema of an answer names members: what is below shows itself. */
const shownDepth = 2;

/** Members with their types, to the depth that is worth its bytes. */
function outline(schema: unknown, depth: number): JsonSchema {
  if (typeof schema !== 'object' || schema === null) return {};
  const { type, properties }: { type?: unknown; properties?: unknown } = schema;
  const known = type === undefined ? {} : { type };
  if (depth === 0 || typeof properties !== 'object' || properties === null) return known;
  return {
    ...known,
    properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, outline(member, depth - 1)])),
  };
}

/** What a tool answers: names and types, in few words; made once. */
export function outputSchema(schema: z.ZodType): JsonSchema {
  const before = outputs.get(schema);
  if (before !== undefined) return before;
  const json = outline(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), shownDepth);
  outputs.set(schema, json);
  return json;
}
