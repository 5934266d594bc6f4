import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RoleFileError } from '../../src/config/role-file.ts';
import { loadRoles } from '../../src/config/roles.ts';
import { builtinRoles } from '../../src/specialists/builtin.ts';
import { generic } from '../../src/specialists/builtin/generic.ts';
import { roleMembers } from '../../src/specialists/role.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const members = roleMembers.join(', ');
let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'troupe-roles-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A project's folder with these role files. */
async function project(files: Record<string, string | Uint8Array>): Promise<string> {
  const directory = await mkdtemp(join(root, 'project-'));
  await mkdir(join(directory, 'roles'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, 'roles', name), content);
  return directory;
}

async function faultIn(directory: string): Promise<RoleFileError> {
  const outcome: unknown = await loadRoles(directory).catch((error: unknown) => error);
  if (!(outcome instanceof RoleFileError)) throw new Error(`no RoleFileError but ${String(outcome)}`);
  return outcome;
}

describe('the roles of a project', () => {
  test('are the built-in ones without a folder', async () => {
    for (const directory of [root, join(root, 'absent')]) {
      const catalogue = await loadRoles(directory);
      expect(catalogue.list().map(({ source, hash, ...given }) => [source, given, hash.length])).toEqual(
        builtinRoles.map((given) => ['builtin', given, 64]),
      );
    }
  });

  test('override members of a built-in role and keep the rest', async () => {
    const builtin = (await loadRoles(root)).get('coder');
    const given = (await loadRoles(fixtures)).get('coder');
    const { approach, staleHours, source, hash, ...rest } = given ?? {};
    expect(approach).toHaveLength(3);
    expect({ staleHours, source }).toEqual({ staleHours: 8, source: 'project' });
    expect(builtin).toMatchObject(rest);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hash).not.toBe(builtin?.hash);
  });

  test('add roles, with the generic role for what they leave out', async () => {
    const catalogue = await loadRoles(fixtures);
    expect(catalogue.list().map(({ key }) => key)).toEqual([...builtinRoles.map(({ key }) => key), 'translator']);
    expect(catalogue.get('translator')).toMatchObject({
      key: 'translator',
      name: 'Translator',
      source: 'project',
      artifactType: 'documentation',
      staleHours: generic.staleHours,
      prompts: generic.prompts,
    });
  });

  test('take key and name from the file, unless it gives them', async () => {
    const definition = 'definition: You do it.\n';
    const catalogue = await loadRoles(await project({ 'data-engineer.yml': definition, 'a.yaml': `${definition}key: poet\nname: Bard\n` }));
    expect(catalogue.get('data-engineer')?.name).toBe('Data engineer');
    expect(catalogue.get('poet')?.name).toBe('Bard');
    expect(catalogue.get('a')).toBeUndefined();
  });

  test('come from .yaml and .yml files only', async () => {
    const names = ['notes.txt', 'coder.yaml.bak', '.coder.yaml', 'coder.json'];
    const catalogue = await loadRoles(await project(Object.fromEntries(names.map((name) => [name, 'broken: [']))));
    expect(catalogue.list().filter(({ source }) => source === 'project')).toEqual([]);
  });

  test('read a byte order mark and CRLF as any editor does', async () => {
    const catalogue = await loadRoles(await project({ 'coder.yaml': '\ufeffname: Own\r\nstaleHours: 2\r\n' }));
    expect(catalogue.get('coder')).toMatchObject({ name: 'Own', staleHours: 2 });
  });
});

describe('a role file that is wrong', () => {
  const faults: Record<string, string> = {
    'alias.yaml': 'aliases are not read (line 4)',
    'bad-artifact-type.yaml': 'artifactType: is none of code, documentation, analysis, design, test, config, general (line 2)',
    'bad-key.yaml': 'key: lower case letters, digits, _ and - only (line 1)',
    'bad-stale-hours.yaml': 'staleHours: less than 0.1 (line 2)',
    'blank-definition.yaml': 'definition: is empty (line 1)',
    'broken-yaml.yaml': 'broken YAML: Flow sequence in block collection must be sufficiently indented and end with a ] (line 3, column 1)',
    'duplicate-member.yaml': 'broken YAML: Map keys must be unique (line 3, column 1)',
    'empty-list.yaml': 'approach: is empty (line 2)',
    'empty.yaml': `is empty; a role has ${members}`,
    'list.yaml': 'expected object, received array (line 1)',
    'no-definition.yaml': 'definition: missing; the new role no-definition needs one',
    'two-documents.yaml': 'broken YAML: holds more than one document (line 2, column 1)',
    'unknown-member.yaml': `expertize: unknown member; a role has ${members} (line 2)`,
    'unknown-tag.yaml': 'broken YAML: Unresolved tag: !hours (line 2, column 13)',
    'wrong-type.yaml': 'expertise[2]: expected string, received number (line 5)',
  };

  test('has a fixture for every kind', async () => {
    expect((await readdir(join(fixtures, 'roles-broken'))).toSorted()).toEqual(Object.keys(faults).toSorted());
  });

  test.each(Object.entries(faults))('%s: %s', async (name, message) => {
    const directory = await project({});
    await copyFile(join(fixtures, 'roles-broken', name), join(directory, 'roles', name));
    const fault = await faultIn(directory);
    expect(fault.message).toBe(`roles/${name}: ${message}`);
    expect(fault.file).toBe(`roles/${name}`);
    expect(fault.message.includes(`(line ${fault.line}`)).toBe(fault.line !== undefined);
    expect(fault.path).toBe(/^(?:definition|artifactType|key|staleHours|approach|expertize|expertise\[2\])(?=:)/.exec(message)?.[0] ?? '');
  });

  test('names both files that have one key', async () => {
    const both = await faultIn(await project({ 'coder.yaml': 'staleHours: 2\n', 'other.yml': 'name: Other\nkey: coder\n' }));
    expect(both.message).toBe('roles/other.yml: key: roles/coder.yaml has the key coder too (line 2)');
    const endings = await faultIn(await project({ 'coder.yaml': 'staleHours: 2\n', 'coder.yml': 'staleHours: 3\n' }));
    expect(endings.message).toBe('roles/coder.yml: key: roles/coder.yaml has the key coder too (line 1)');
  });

  test('needs a key when its name is none', async () => {
    const fault = await faultIn(await project({ 'My Role.yaml': 'definition: You do it.\n' }));
    expect(fault.message).toBe("roles/My Role.yaml: key: give a key: the file's name is none");
    const broken = await faultIn(await project({ 'a\nb.yaml': '[' }));
    expect(broken.message).toMatch(/^roles\/a b\.yaml: broken YAML: [^\n]+$/);
  });

  test('reports the first of several faults', async () => {
    const fault = await faultIn(await project({ 'coder.yaml': 'staleHours: many\nunknown: 1\nname: 3\n' }));
    expect(fault.message).toBe('roles/coder.yaml: staleHours: expected number, received string (line 1)');
  });

  test.each(['__proto__', 'constructor', 'toString'])('has an unknown member %s', async (name) => {
    const fault = await faultIn(await project({ 'coder.yaml': `${name}:\n  staleHours: 1\n` }));
    expect(fault.message).toBe(`roles/coder.yaml: ${name}: unknown member; a role has ${members} (line 1)`);
  });

  test('is refused by its size before it is parsed', async () => {
    const fits = 'staleHours: 2\n#'.padEnd(256 * 1024, 'x');
    expect((await loadRoles(await project({ 'coder.yaml': fits }))).get('coder')?.staleHours).toBe(2);
    const fault = await faultIn(await project({ 'coder.yaml': `${fits}x` }));
    expect(fault.message).toBe('roles/coder.yaml: 262145 bytes, at most 262144 are read');
  });

  test.each([
    ['nested sequences', `expertise: ${'['.repeat(100_000)}`],
    ['nested lists', `expertise:\n  ${'- '.repeat(100_000)}`],
    ['nested maps', `expertise: ${'{a: '.repeat(50_000)}`],
    [
      'aliases of aliases',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefgh'.split('').map((letter, index) => `${letter}: &${letter} [${`*${'abcdefg'[index]},`.repeat(9)}]`),
      ].join('\n'),
    ],
  ])('cannot exhaust the service: %s', async (_, content) => {
    const fault = await faultIn(await project({ 'coder.yaml': content }));
    expect(fault.message).toMatch(/^roles\/coder\.yaml: [^\n]{1,300}$/);
  });

  test('is text, and a file', async () => {
    const latin1 = await faultIn(await project({ 'coder.yaml': Uint8Array.of(0x6e, 0xe9, 0x0a) }));
    expect(latin1.message).toBe('roles/coder.yaml: is not UTF-8');
    const directory = await project({});
    await mkdir(join(directory, 'roles', 'coder.yaml'));
    expect((await faultIn(directory)).message).toBe('roles/coder.yaml: is not a file');
  });

  test('is reported as the folder when that is a file, or holds too many', async () => {
    const directory = await mkdtemp(join(root, 'project-'));
    await writeFile(join(directory, 'roles'), '');
    expect((await faultIn(directory)).message).toBe('roles: the folder cannot be read: ENOTDIR');
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`r${index}.yaml`, '']));
    expect((await faultIn(await project(many))).message).toBe('roles: 101 files, at most 100 are read');
  });
});
