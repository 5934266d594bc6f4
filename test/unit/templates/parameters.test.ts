import { describe, expect, test } from 'vitest';
import { faultsOf, instanceOf, refusalOf, textOf } from '../../support/templates.ts';
import type { Json } from '../../../src/protocol/values.ts';

/** Parameters of each type and limit, and what becomes of them in a text. */

const withParameter = (definition: string, title = 'x') =>
  textOf({ parameters: `{ p: ${definition} }`, tasks: `{ a: { title: ${JSON.stringify(title)} } }` });

/** The fault of a value, or null. */
function faultOf(definition: string, value?: Json): string | null {
  const text = withParameter(definition);
  try {
    instanceOf(text, value === undefined ? {} : { p: value });
    return null;
  } catch (error) {
    const { reason, issues = [] } = refusalOf(() => {
      throw error;
    });
    const [issue] = issues;
    if (reason !== 'INVALID_PARAMS' || issues.length !== 1 || issue?.path !== 'parameters.p') throw error;
    return issue.message;
  }
}

const values: readonly (readonly [string, Json])[] = [
  ['string', 'x'],
  ['number', 1.5],
  ['boolean', false],
  ['array', [1, 'two']],
  ['object', { deep: [true] }],
];

describe('a value', () => {
  test.each(values)('of type %s is taken as it is, and nothing else for it', (type, value) => {
    expect(instanceOf(withParameter(`{ type: '${type}' }`), { p: value }).parameters).toEqual({ p: value });
    for (const [other, wrong] of values)
      expect(faultOf(`{ type: '${type}' }`, wrong)).toBe(other === type ? null : `expected ${type}, received ${other}`);
    // Whoever has no value may say so.
    expect(faultOf(`{ type: '${type}' }`, null)).toBe(`is missing: ${type}`);
  });

  test.each<[string, Json, string | null]>([
    ['{ min_length: 2, max_length: 3 }', 'ab', null],
    ['{ min_length: 2, max_length: 3 }', '🚀🚀🚀', null],
    ['{ min_length: 2 }', 'a', 'fewer than 2 characters'],
    ['{ max_length: 3 }', 'abcd', 'more than 3 characters'],
    ["{ type: 'array', min_length: 1 }", [], 'fewer than 1 items'],
    ["{ type: 'array', max_length: 1 }", [1, 2], 'more than 1 items'],
    ["{ type: 'number', min_value: 1, max_value: 3 }", 1, null],
    ["{ type: 'number', min_value: 1, max_value: 3 }", 3, null],
    ["{ type: 'number', min_value: 1 }", 0.9, 'less than 1'],
    ["{ type: 'number', max_value: 3 }", 3.1, 'more than 3'],
    ["{ enum: ['a', 'b'] }", 'b', null],
    ["{ enum: ['a', 'b'] }", 'c', 'expected one of "a", "b"'],
    ["{ allowed_values: ['a'] }", 'b', 'expected one of "a"'],
    ["{ type: 'number', enum: [1, 2] }", 3, 'expected one of 1, 2'],
    ["{ pattern: '^v\\\\d+$' }", 'v12', null],
    ["{ pattern: '^v\\\\d+$' }", 'v12x', 'does not match ^v\\d+$'],
    ["{ pattern: 'x' }", 'x'.repeat(1_001), "more than 1000 characters can't be held against a pattern"],
    ['{}', '\ud800', 'not well-formed Unicode: a surrogate stands alone'],
  ])('within %s: %j', (definition, value, fault) => {
    expect(faultOf(definition, value)).toBe(fault);
  });

  test('that is missing is taken from the default, or missed, unless it is not required', () => {
    expect(instanceOf(withParameter("{ default: 'd' }")).parameters).toEqual({ p: 'd' });
    expect(instanceOf(withParameter("{ required: true, default: 'd' }")).parameters).toEqual({ p: 'd' });
    expect(faultOf("{ description: 'What it is' }")).toBe('is missing: string, What it is');
    expect(instanceOf(withParameter('{ required: false }')).parameters).toEqual({});
    expect(refusalOf(() => instanceOf(withParameter('{ required: false }', 'A {{p}}')))).toMatchObject({
      reason: 'TEMPLATE_INVALID',
      message: '0.json5: tasks.a.title: {{p}} has no value: it is not required, has no default, and was not given (line 3)',
    });
  });

  test('holds no key that reaches a prototype, and is not endlessly deep', () => {
    const hostile = JSON.parse('[{ "a": { "__proto__": 1 } }]') as Json;
    expect(faultOf("{ type: 'array' }", hostile)).toBe('the key __proto__ is refused');
    const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as Json;
    expect(faultOf("{ type: 'array' }", nested(20))).toBe(null);
    expect(faultOf("{ type: 'array' }", nested(21))).toBe('nested deeper than 20 levels');
  });

  test('that no parameter takes is refused, and so are too many bytes; all faults at once', () => {
    expect(refusalOf(() => instanceOf(textOf(), { toString: 'x' })).issues).toEqual([
      { path: 'parameters.toString', message: 'no such parameter; the template has none' },
    ]);
    const two = textOf({ parameters: "{ p: {}, q: { type: 'number' } }" });
    expect(refusalOf(() => instanceOf(two, { r: 1, p: 2 })).issues?.map(({ path }) => path)).toEqual([
      'parameters.r',
      'parameters.p',
      'parameters.q',
    ]);
    expect(refusalOf(() => instanceOf(withParameter('{}'), { p: 'ü'.repeat(4_100) })).message).toMatch(
      /^parameters: 8\d\d\d bytes of JSON, at most 8192/,
    );
  });
});

test.each([
  ["{ type: 'text' }", /^parameters\.p\.type \(4\): is none of /],
  ["{ type: 'number', pattern: 'x' }", 'parameters.p.pattern (4): is for strings, and this is of type number'],
  ["{ type: 'number', enum: ['a'] }", 'parameters.p.enum (4): not all of type number'],
  ["{ type: 'number', min_length: 1 }", 'parameters.p.min_length (4): is for strings and arrays'],
  ['{ max_value: 1 }', 'parameters.p.max_value (4): is for numbers'],
  ['{ min_length: 2, max_length: 1 }', 'parameters.p.max_length (4): is less than min_length'],
  ["{ type: 'number', min_value: 2, max_value: 1 }", 'parameters.p.max_value (4): is less than min_value'],
  ["{ default: 'x', enum: ['y'] }", 'parameters.p.default (4): expected one of "y"'],
  ["{ type: 'number', default: '1' }", 'parameters.p.default (4): expected number, received string'],
  ["{ pattern: '(' }", 'parameters.p.pattern (4): a "(" has no ")"'],
  ["{ patern: 'x' }", 'parameters.p.patern (4): no such member'],
])('a definition is held against itself: %s', (definition, fault) => {
  expect(faultsOf(withParameter(definition))[0]).toMatch(fault);
});

describe('a placeholder', () => {
  const filled = (title: string, more: Readonly<Record<string, string>> = {}, parameters: Record<string, Json> = {}) =>
    instanceOf(
      textOf({
        parameters:
          "{ s: { default: 'text' }, n: { type: 'number', default: 2 }, b: { type: 'boolean', default: true }, l: { type: 'array', default: ['x', 'y'] }, o: { type: 'object', default: { k: 1 } } }",
        tasks: `{ a: { title: ${JSON.stringify(title)} } }`,
        ...more,
      }),
      parameters,
    ).plan.tasks?.[0];

  test.each([
    ['{{s}}', 'text'],
    ['{{ s }} and {{n}}{{b}}', 'text and 2true'],
    ['{{l}} {{o}}', 'x, y {"k":1}'],
    ['{{n}}', '2'],
    ['{{l}}', 'x, y'],
    ['{ {s} } \\{{s}} }}', '{ {s} } {{s}} }}'],
  ])('%s becomes %s', (title, result) => {
    expect(filled(title)?.title).toBe(result);
  });

  test('brings nothing with it that is looked at again', () => {
    expect(filled('{{s}}', {}, { s: '{{n}} {{nothing}}' })?.title).toBe('{{n}} {{nothing}}');
  });

  test('alone in a list gives its lines, and fills every text of a task', () => {
    const tasks =
      "{ a: { title: 'A', description: '{{s}}', type: '{{kind}}', specialist_type: '{{who}}', complexity: 'simple', estimated_effort: '{{n}} h', checklist: ['one', '{{l}}', 'not {{l}}'], tags: ['{{s}}'], review: '{{who}}' } }";
    const parameters = "{ s: {}, n: { type: 'number' }, l: { type: 'array' }, kind: {}, who: {} }";
    const given = { s: 'text', n: 2, l: ['x', 'y'], kind: 'testing', who: 'tester' };
    expect(instanceOf(textOf({ parameters, tasks }), given).plan.tasks?.[0]).toMatchObject({
      ref: 'a',
      description: 'text',
      type: 'testing',
      specialist: 'tester',
      complexity: 'simple',
      estimatedEffort: '2 h',
      acceptance: ['one', 'x', 'y', 'not x, y'],
      tags: ['text'],
      review: 'tester',
    });
    const whole = "{ a: { title: 'A', checklist: '{{l}}' } }";
    expect(instanceOf(textOf({ parameters: "{ l: { type: 'array' } }", tasks: whole }), { l: ['x'] }).plan.tasks?.[0]?.acceptance).toEqual([
      'x',
    ]);
  });

  test('that makes a wrong value is refused at the place where it stands', () => {
    const text = textOf({
      parameters: "{ kind: {}, name: { default: 'N' } }",
      tasks: "{\n a: { title: '{{name}}',\n type: '{{kind}}' } }",
    });
    expect(refusalOf(() => instanceOf(text, { kind: 'chore' }))).toMatchObject({
      reason: 'TEMPLATE_INVALID',
      issues: [{ path: 'tasks.a.type', line: 5, file: '0.json5', message: expect.stringContaining('is none of standard, ') }],
    });
    expect(refusalOf(() => instanceOf(text, { kind: 'review', name: 'x'.repeat(300) })).issues?.[0]).toMatchObject({
      path: 'tasks.a.title',
      line: 4,
    });
  });

  test.each([
    ['{{nothing}}', 'tasks.a.title (3): {{nothing}} stands for nothing: there is no such parameter or variable'],
    ['{{toString}}', /stands for nothing/],
    ['{{a.b}}', 'tasks.a.title (3): {{a.b}} names no parameter: a name is letters, digits and _'],
    ['{{}}', /names no parameter/],
    ['to {{ the end', 'tasks.a.title (3): a "{{" has no "}}"; write \\\\{{ for the braces themselves'],
  ])('that stands for nothing is refused before anybody uses it: %s', (title, fault) => {
    expect(faultsOf(textOf({ tasks: `{ a: { title: ${JSON.stringify(title)} } }` }))[0]).toMatch(fault);
    expect(faultsOf(textOf({ deliverables: `{ d: ${JSON.stringify(title)} }` }))[0]).toMatch(/^deliverables\.d\.title \(4\)/);
    expect(faultsOf(textOf({ metadata: `{ name: ${JSON.stringify(title)}, version: '1.0.0', description: 'x' }` }))[0]).toMatch(
      /^metadata\.name \(2\)/,
    );
  });

  test('may stand for a variable, which may be made of others, but not of itself', () => {
    const variables = "{ full: 'the {{short}} of {{s}}', short: 'end', list: ['{{short}}', '{{l}}'] }";
    expect(filled('{{full}}: {{list}}', { variables })?.title).toBe('the end of text: ["end",["x","y"]]');
    const circle = textOf({ variables: "{ a: '{{b}}', b: '{{c}}', c: '{{a}}' }", tasks: "{ t: { title: 'x {{a}}' } }" });
    expect(refusalOf(() => instanceOf(circle)).issues?.[0]).toMatchObject({
      path: 'variables.c',
      message: '{{a}} is made of itself: a, b, c, a',
    });
    expect(faultsOf(textOf({ parameters: '{ x: {} }', variables: "{ x: '1' }" }))).toEqual([
      'variables.x (5): a parameter has this name too',
    ]);
  });

  test.each(["'{{V}}{{V}}'", "['{{V}}', '{{V}}']"])('that doubles with each variable is stopped: %s', (twice) => {
    const variables = Array.from({ length: 60 }, (_, n) => `v${n + 1}: ${twice.replaceAll('V', `v${n}`)}`).join(', ');
    const text = textOf({ variables: `{ v0: 'xxxxxxxx', ${variables} }`, tasks: "{ a: { title: '{{v60}}' } }" });
    expect(refusalOf(() => instanceOf(text)).issues?.[0]?.message).toBe('placeholders put in more than 1000000 characters');
  });
});
