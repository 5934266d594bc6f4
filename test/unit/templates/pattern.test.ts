import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../src/templates/pattern.ts';

/** Patterns find what RegExp finds, and never take longer than their length times the text's. */

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.info(`patterns: SEED=${seed}`);

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\.', '^', '$', 'é', '🚀', '\\p{L}', '\\u0061', '\\x62');
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => one + other),
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `${one}|${other}`),
    fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{0,2}', '{1,}')).map(([one, sign]) => `(${one})${sign}`),
    tie('pattern').map((one) => `(?:${one})`),
  ),
}));
const text = fc.array(fc.constantFrom('a', 'b', '1', '.', 'é', '🚀', '\n'), { maxLength: 7 }).map((characters) => characters.join(''));

test(`a pattern finds what the engine finds`, () => {
  fc.assert(
    fc.property(pattern, text, (written, given) => {
      fc.pre(written.length <= 60);
      const compiled = compilePattern(written);
      if (typeof compiled === 'string') throw new Error(`${written}: ${compiled}`);
      expect([written, given, compiled.test(given)]).toEqual([written, given, new RegExp(written, 'u').test(given)]);
    }),
    { seed, numRuns: 3_000 },
  );
});

/** Whoever goes back and tries again is busy with these for longer than anybody lives. */
describe('patterns that take the engine for ever', () => {
  test.each([
    ['^(a+)+$', false],
    ['^(a|a)*$', false],
    ['^(a|aa)+$', false],
    ['(a*)*b', false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', false],
    ['a*a*a*a*a*a*a*a*b', false],
    ['^(a?){150}a{150}!$', false],
    ['^(a?){150}a{150}', true],
    ['(a|b|ab)*(a|bc)*!$', true],
    // Nothing, more often than anybody could count.
    ['^((((){999}){999}){999}){999}a', true],
  ])('%s', (written, finds) => {
    const compiled = compilePattern(written);
    if (typeof compiled === 'string') throw new Error(compiled);
    expect(compiled.test(`${'a'.repeat(999)}!`)).toBe(finds);
  });
});

test.each([
  ['(', 'a "(" has no ")"'],
  ['a)', 'a ")" has no "("'],
  ['[a', 'a "[" has no "]"'],
  ['*a', 'nothing to repeat before "*"'],
  ['a**', 'nothing to repeat'],
  ['a{2,1}', 'in {2,1} the second number is the smaller one'],
  ['a{x}', 'after "{" come one or two numbers and "}"; write \\{ for the sign itself'],
  ['(a)\\1', '\\1 is not known: no references back, no word boundaries'],
  ['\\ba', '\\b is not known: no references back, no word boundaries'],
  ['(?=a)', 'of the groups only ( ) and (?: ) are known'],
  ['(?<n>a)', 'of the groups only ( ) and (?: ) are known'],
  ['[b-a]', '[b-a] is no character and no class of characters'],
  ['a\\', 'ends with a "\\"'],
  ['(((a{999}){999}){999}){999}', 'repeats too much: it would not be quick to match'],
  ['a'.repeat(201), 'longer than 200 characters'],
])('%s is refused', (written, why) => {
  expect(compilePattern(written)).toBe(why);
});
