import { describe, expect, test } from 'vitest';
import { builtinRoles } from '../../src/specialists/builtin.ts';
import { createCatalogue, role } from '../../src/specialists/role.ts';
import type { Role } from '../../src/specialists/role.ts';
import { catalogue, roleOf, sha256 } from '../support/execution-inputs.ts';

const sentencesOf = (given: Role): string[] => {
  const form = given.outputFormat.split('\n').filter((line) => !line.startsWith('#'));
  return [given.definition, ...given.expertise, ...given.approach, ...given.capabilities, ...given.prompts, ...form]
    .flatMap((text) => text.split(/[.!?;:]\s|[.!?]$/))
    .map((sentence) => sentence.trim().toLowerCase())
    .filter((sentence) => sentence !== '');
};

describe('the built-in roles', () => {
  const staleHours: Record<string, number> = {
    architect: 72,
    implementer: 48,
    coder: 24,
    debugger: 24,
    tester: 16,
    reviewer: 6,
    documenter: 8,
    researcher: 12,
    analyst: 24,
    coordinator: 24,
    optimizer: 24,
    devops: 24,
    generic: 24,
  };

  test('are those of the mission, with its stale limits', () => {
    expect(Object.fromEntries(catalogue.list().map((one) => [one.key, one.staleHours]))).toEqual(staleHours);
  });

  test.each(builtinRoles.map((one) => [one.key, one] as const))('%s is complete', (_, given) => {
    expect(role.parse(given)).toEqual(given);
    const within = (list: readonly string[], least: number, most: number) => {
      expect(list.length).toBeGreaterThanOrEqual(least);
      expect(list.length).toBeLessThanOrEqual(most);
      expect(new Set(list).size).toBe(list.length);
    };
    const sentences = given.definition.match(/[.!?](?=\s|$)/g)?.length;
    expect(sentences).toBeGreaterThanOrEqual(2);
    expect(sentences).toBeLessThanOrEqual(4);
    within(given.expertise, 4, 7);
    within(given.approach, 5, 8);
    within(given.capabilities, 4, 8);
    within(given.prompts, 2, 4);
    expect(given.outputFormat.match(/^## \S.*\n\S/gm)?.length, 'headings, each with its text').toBeGreaterThanOrEqual(4);
  });

  test('share no sentence', () => {
    const owner = new Map<string, string>();
    const shared: string[] = [];
    for (const given of builtinRoles) {
      for (const sentence of sentencesOf(given)) {
        const other = owner.get(sentence);
        if (other !== undefined) shared.push(`${other}, ${given.key}: ${sentence}`);
        owner.set(sentence, given.key);
      }
    }
    expect(shared).toEqual([]);
    expect(owner.size).toBeGreaterThan(builtinRoles.length * 20);
  });
});

describe('a catalogue', () => {
  test('finds a role by its key and nothing else', () => {
    expect(catalogue.get('coder')).toMatchObject({ key: 'coder', source: 'builtin' });
    for (const key of ['poet', '', '__proto__', 'constructor', 'Coder']) expect(catalogue.get(key)).toBeUndefined();
  });

  test("puts a project's role in the place of the built-in one", () => {
    const own = { ...roleOf('coder'), name: 'Own coder' };
    const mixed = createCatalogue(builtinRoles, sha256, [own, { ...own, key: 'poet' }]);
    expect(mixed.get('coder')).toMatchObject({ name: 'Own coder', source: 'project' });
    expect(mixed.get('tester')?.source).toBe('builtin');
    expect(mixed.list().map(({ key }) => key)).toEqual([...builtinRoles.map(({ key }) => key), 'poet']);
  });

  test('hashes the content: every member counts, the order of members does not', () => {
    const given = roleOf('coder');
    const hashOf = (changed: Role): string | undefined => createCatalogue([changed], sha256).list()[0]?.hash;
    const { hash, source, ...members } = given;
    expect(source).toBe('builtin');
    const { key, name, ...others } = members;
    expect(hashOf({ ...others, name, key })).toBe(hash);
    const changes: Required<{ [K in keyof Role]: Role[K] }> = {
      key: 'coder2',
      name: 'Other',
      definition: 'Other.',
      expertise: ['other'],
      approach: ['other'],
      outputFormat: 'other',
      capabilities: ['other'],
      prompts: ['other?'],
      staleHours: 1,
      artifactType: 'test',
    };
    const hashes = Object.entries(changes).map(([member, value]) => hashOf(role.parse({ ...members, [member]: value })));
    expect(new Set([hash, ...hashes]).size).toBe(Object.keys(changes).length + 1);
    expect(Object.keys(changes).toSorted()).toEqual(Object.keys(members).toSorted());
  });
});
