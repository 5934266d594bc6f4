import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tmpdir } from 'node:os';
import { openTemplates } from '../../../src/config/templates.ts';
import { builtinTemplates } from '../../../src/templates/builtin.ts';
import { anyone } from '../../support/service.ts';
import { temporaryDirectory } from '../../support/data-directory.ts';
import { textOf } from '../../support/templates.ts';
import { overStores } from '../use-cases/checked-service.ts';
import type { Start } from '../use-cases/checked-service.ts';

/** The methods over a real folder. */

const small = textOf();
const fixture = (name: string): Promise<string> => readFile(`fixtures/templates/${name}.json5`, 'utf8');

async function begin(start: Start) {
  const data = await temporaryDirectory();
  const service = await start({ templates: openTemplates(data) });
  const put = async (name: string, text: string | Buffer, category = 'user') => {
    await mkdir(join(data, 'templates', category), { recursive: true });
    await writeFile(join(data, 'templates', category, name), text);
  };
  const create = (id: string, content = small, more: object = {}) => service.ask('template.create', { id, content, ...more });
  return { ...service, data, put, create };
}

overStores('template.create', (start) => {
  test('keeps what it was given, byte for byte, where people can edit it', async () => {
    const { ask, create, data } = await begin(start);
    const content = await fixture('onboarding');
    expect(await create('onboarding', content)).toMatchObject({
      id: 'onboarding',
      category: 'user',
      written: true,
      bytes: Buffer.byteLength(content),
    });
    expect(await readFile(join(data, 'templates/user/onboarding.json5'), 'utf8')).toBe(content);
    const { content: read, info, template } = await ask('template.get', { id: 'onboarding' });
    expect(read).toBe(content);
    expect(info).toMatchObject({
      id: 'onboarding',
      category: 'user',
      valid: true,
      bytes: Buffer.byteLength(content),
      metadata: { name: 'Onboard {{newcomer}}' },
    });
    expect(info.parameters.map(({ name, required }) => [name, required])).toEqual([
      ['newcomer', true],
      ['project_name', true],
      ['role', false],
      ['systems', false],
      ['days', false],
    ]);
    expect([info.created, info.modified].every((time) => /^20\d\d-.*Z$/.test(time ?? ''))).toBe(true);
    expect(template).toMatchObject({ tasks: { tour: { children: { code: {} } } } });
  });

  test('sent twice has one effect; another text is kept only when it may take the place', async () => {
    const { create, refused, ask } = await begin(start);
    await create('a');
    expect(await create('a')).toMatchObject({ written: false });
    const other = textOf({ tasks: "{ other: { title: 'Other' } }" });
    expect(await refused('template.create', { id: 'a', content: other })).toMatchObject({ reason: 'TEMPLATE_EXISTS' });
    expect((await ask('template.get', { id: 'a' })).content).toBe(small);
    expect(await create('a', other, { overwrite: true })).toMatchObject({ written: true });
    expect(await create('a', small, { category: 'shared' })).toMatchObject({ category: 'shared' });
    expect((await ask('template.get', { id: 'a' })).content).toBe(other);
    expect((await ask('template.get', { id: 'a', category: 'shared' })).content).toBe(small);
    expect(await refused('template.create', { id: 'A', content: small })).toMatchObject({ reason: 'TEMPLATE_EXISTS' });
  });

  test('keeps nothing that is wrong, and says file, line and key', async () => {
    const { refused, data } = await begin(start);
    const content = textOf({ tasks: "{\n a: { title: 'A', dependencies: ['b'] } }" });
    expect(await refused('template.create', { id: 'x', content })).toMatchObject({
      reason: 'TEMPLATE_INVALID',
      code: 422,
      message: 'templates/user/x.json5: tasks.a.dependencies[0]: no task or milestone has the key "b"; there are a (line 4)',
      issues: [{ file: 'templates/user/x.json5', line: 4, path: 'tasks.a.dependencies[0]' }],
    });
    for (const id of ['../x', 'a/b', 'a.b', '', '__proto__', 'x'.repeat(65)])
      expect(await refused('template.create', { id, content: small })).toMatchObject({
        reason: 'INVALID_PARAMS',
        issues: [{ path: 'id' }],
      });
    expect(await refused('template.create', { id: 'x', content: small, category: 'builtin' })).toMatchObject({
      issues: [{ path: 'category' }],
    });
    expect(await readdir(data)).toEqual([]);
  });

  test('refuses more than 200 in a folder', async () => {
    const { put, refused, create } = await begin(start);
    for (let n = 0; n < 200; n += 1) await put(`t${n}.json5`, small);
    expect(await refused('template.create', { id: 'one-more', content: small })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      limit: { max: 200, actual: 201 },
    });
    await create('t7', textOf({ tasks: "{ b: { title: 'B' } }" }), { overwrite: true });
  });

  test('is for tokens that open all projects; everybody may read', async () => {
    const { refused, ask } = await begin(start);
    const guest = { ...anyone, projects: ['own'] };
    for (const [method, params] of [
      ['template.create', { id: 'x', content: small }],
      ['template.delete', { id: 'x' }],
      ['template.install', {}],
    ] as const)
      expect(await refused(method, params, guest)).toMatchObject({ reason: 'FORBIDDEN' });
    expect((await ask('template.list', {}, guest)).items.length).toBe(builtinTemplates.size);
    expect(
      await refused(
        'template.instantiate',
        { id: 'retrospective', parameters: { period: 'May' }, createTasks: true, project: 'other' },
        guest,
      ),
    ).toMatchObject({
      reason: 'FORBIDDEN',
    });
    expect(
      (await ask('template.instantiate', { id: 'retrospective', parameters: { period: 'May' }, createTasks: true }, guest)).task?.project,
    ).toBe('own');
  });
});

overStores('template.list', (start) => {
  test('names them all, in pages, by place and topic', async () => {
    const { ask, create } = await begin(start);
    for (const id of ['b', 'a']) await create(id);
    await create('c', small, { category: 'shared' });
    const all = await ask('template.list', {});
    expect(all).toMatchObject({ nextCursor: null, omitted: 0, total: builtinTemplates.size + 3 });
    expect(all.items.slice(-3).map(({ category, id }) => `${category}/${id}`)).toEqual(['user/a', 'user/b', 'shared/c']);
    const paged: unknown[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 10; page += 1) {
      const { items, nextCursor, total } = await ask('template.list', { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
      paged.push(...items);
      expect(total).toBe(all.total);
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    expect(paged).toEqual(all.items);
    const { items, total } = await ask('template.list', { topic: 'business', metadata: true });
    expect([total, items.map(({ id, topic, metadata }) => [id, topic, metadata?.version])]).toEqual([
      2,
      [
        ['business-case', 'business', '1.0.0'],
        ['process-improvement', 'business', '1.0.0'],
      ],
    ]);
    expect((await ask('template.list', { category: 'user' })).items.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('tells a broken file with its fault, and everything else as ever; its use is refused with file, line and key', async () => {
    const { ask, put, refused, data } = await begin(start);
    await put('good.json5', small);
    await put('broken.json5', '{\n metadata: {,');
    await put('latin.json5', Buffer.from([0x7b, 0xff, 0x7d]));
    await put('large.json5', `// ${'x'.repeat(102_400)}`);
    await put('a.b.json5', small);
    await put('orphan.json5', textOf({ metadata: "{ name: 'O', version: '1.0.0', description: 'o',\n extends: 'nobody' }" }));
    await put('.good.json5.tmp', 'half');
    await put('notes.txt', 'no template');
    await mkdir(join(data, 'templates/user/folder.json5'));
    const { items } = await ask('template.list', { category: 'user' });
    expect(items.map(({ id, valid, fault }) => [id, valid, fault?.line ?? null, fault?.message ?? null])).toEqual([
      ['a.b', false, null, expect.stringContaining('the name of the file is no id')],
      ['broken', false, 2, "broken JSON5: invalid character ',', column 13"],
      ['folder', false, null, 'is not a file'],
      ['good', true, null, null],
      ['large', false, null, '102403 bytes; a template has at most 102400'],
      ['latin', false, null, 'is not UTF-8'],
      ['orphan', false, 3, expect.stringContaining('there is no template "nobody"; there are')],
    ]);
    for (const id of ['broken', 'latin', 'large', 'orphan', 'folder']) {
      const { message, issues } = await refused('template.instantiate', { id, parameters: {} });
      expect([message, issues?.[0]?.file]).toEqual([expect.stringContaining(`templates/user/${id}.json5: `), `templates/user/${id}.json5`]);
      expect(await ask('template.get', { id })).toMatchObject({ template: null, info: { valid: false }, issues });
    }
    expect((await ask('template.get', { id: 'broken' })).content).toBe('{\n metadata: {,');
    const { valid, broken } = await ask('template.validateAll', { category: 'user' });
    expect([valid.map(({ id }) => id), broken.map(({ id, issues }) => [id, issues.length])]).toEqual([
      ['good'],
      ['a.b', 'broken', 'folder', 'large', 'latin', 'orphan'].map((id) => [id, 1]),
    ]);
    expect(await ask('template.status', {})).toMatchObject({ broken: 6, byCategory: { user: 7 } });
    // The store's own folder opened nothing, and changed nothing.
    expect(await readFile(join(data, 'templates/user/.good.json5.tmp'), 'utf8')).toBe('half');
  });

  test('of an unknown one: what there is that is like it', async () => {
    const { refused } = await begin(start);
    for (const method of ['template.get', 'template.instantiate', 'template.delete']) {
      const refusal = await refused(method, { id: 'bugfix' });
      expect(refusal).toMatchObject({ reason: 'TEMPLATE_NOT_FOUND', code: 404, fix: 'find the id with template.list' });
      expect(refusal.nearby?.[0]).toBe('bug-fix');
    }
    expect(await refused('template.get', { id: 'bug-fix', category: 'user' })).toMatchObject({
      message: 'there is no template "bug-fix" in user',
    });
  });
});

overStores('template.validate', (start) => {
  test('says what a text is or what is wrong with it, and keeps nothing', async () => {
    const { ask, data } = await begin(start);
    const content = await fixture('onboarding');
    const { valid, tasks, parameters, metadata } = await ask('template.validate', { content });
    expect([valid, tasks, parameters.length, metadata?.version]).toEqual([
      true,
      ['access', 'tour', 'code', 'people', 'first_change', 'settled'],
      5,
      '1.0.0',
    ]);
    expect(await ask('template.validate', { content: content.replace('devops', 'wizard') })).toEqual({
      valid: false,
      issues: [{ path: 'tasks.access.specialist_type', line: 22, message: 'there is no specialist "wizard"' }],
      metadata: null,
      parameters: [],
      tasks: [],
    });
    expect(await readdir(data)).toEqual([]);
  });
});

overStores('inheritance across files', (start) => {
  test('follows the files as they are now', async () => {
    const { ask, create, put, refused } = await begin(start);
    const [base, remote] = [await fixture('onboarding'), await fixture('onboarding-remote')];
    expect(await refused('template.create', { id: 'remote', content: remote })).toMatchObject({
      reason: 'TEMPLATE_INVALID',
      issues: [{ path: 'metadata.extends', line: 7, message: expect.stringContaining('there is no template "onboarding"') }],
    });
    await create('onboarding', base);
    await create('remote', remote);
    const parameters = { newcomer: 'Ada', project_name: 'Atlas', time_zone: 'UTC+2' };
    const { plan, order } = await ask('template.instantiate', { id: 'remote', parameters });
    expect(order).toEqual([['access', 'people', 'parcel'], ['code'], ['tour'], ['first_change'], ['first_change:review'], ['settled']]);
    expect(JSON.stringify(plan)).toContain('shipped within 10 days');
    await put('onboarding.json5', base.replace('Small, real,', 'Tiny, real,'));
    expect(JSON.stringify((await ask('template.instantiate', { id: 'remote', parameters })).plan)).toContain('Tiny, real,');
    await put('onboarding.json5', base.replace('devops', 'wizard'));
    expect(await refused('template.instantiate', { id: 'remote', parameters })).toMatchObject({
      message: 'templates/user/onboarding.json5: tasks.access.specialist_type: there is no specialist "wizard" (line 22)',
    });
    await put('onboarding.json5', base);
    expect(await ask('template.delete', { id: 'onboarding' })).toEqual({
      id: 'onboarding',
      category: 'user',
      extendedBy: [{ id: 'remote', category: 'user' }],
    });
  });

  test('finds circles, of one and of several, also before they are closed', async () => {
    const { create, put, refused } = await begin(start);
    const extending = (id: string) => textOf({ metadata: `{ name: 'N', version: '1.0.0', description: 'x', extends: '${id}' }` });
    expect(await refused('template.create', { id: 'feature', content: extending('user/feature') })).toMatchObject({
      message: expect.stringContaining('there is no template'),
    });
    await create('feature', extending('builtin/feature'));
    await create('feature', extending('feature').replace('feature', 'builtin/feature'), { overwrite: true });
    expect(await refused('template.create', { id: 'feature', content: extending('feature'), overwrite: true })).toMatchObject({
      message: expect.stringContaining('templates would extend each other: user/feature extends user/feature'),
    });
    await create('a');
    await create('b', extending('a'));
    await create('c', extending('b'));
    expect(await refused('template.create', { id: 'a', content: extending('c'), overwrite: true })).toMatchObject({
      reason: 'TEMPLATE_INVALID',
      message: expect.stringContaining('user/a extends user/c extends user/b extends user/a'),
    });
    await put('a.json5', extending('c'));
    expect(await refused('template.instantiate', { id: 'b', parameters: {} })).toMatchObject({
      message: expect.stringContaining('user/b extends user/a extends user/c extends user/b'),
    });
    await put('t0.json5', small);
    for (let n = 1; n <= 20; n += 1) await put(`t${n}.json5`, extending(`t${n - 1}`));
    expect(await refused('template.instantiate', { id: 't20', parameters: {} })).toMatchObject({
      message: expect.stringContaining('more than 20 templates extend each other'),
    });
  });

  test('what a template requires must be there', async () => {
    const { refused, create } = await begin(start);
    const content = textOf({ metadata: "{ name: 'N', version: '1.0.0', description: 'x', requires: ['bug-fix', 'nobody'] }" });
    expect(await refused('template.create', { id: 'a', content })).toMatchObject({
      issues: [{ path: 'metadata.requires', message: 'there is no template "nobody"' }],
    });
    await create('nobody');
    await create('a', content);
  });
});

overStores('template.install, template.status and template.delete', (start) => {
  test('copy built-in templates, leave what is edited, and count it', async () => {
    const { ask, create, refused, data } = await begin(start);
    expect(await ask('template.status', {})).toMatchObject({
      total: builtinTemplates.size,
      installed: [],
      coverage: 0,
      byCategory: { user: 0, shared: 0 },
    });
    expect(await ask('template.install', { library: 'business' })).toEqual({
      category: 'shared',
      total: 2,
      installed: ['business-case', 'process-improvement'],
      skipped: [],
      failed: [],
    });
    expect(await readFile(join(data, 'templates/shared/business-case.json5'), 'utf8')).toBe(builtinTemplates.get('business-case'));
    const edited = textOf();
    await create('business-case', edited, { category: 'shared', overwrite: true });
    expect(await ask('template.install', { ids: ['business-case', 'article', 'nobody'] })).toMatchObject({
      total: 3,
      installed: ['article'],
      skipped: ['business-case'],
      failed: [{ id: 'nobody', message: 'there is no built-in template "nobody"' }],
    });
    expect((await ask('template.get', { id: 'business-case' })).content).toBe(edited);
    expect(await ask('template.status', {})).toMatchObject({
      total: builtinTemplates.size + 3,
      available: builtinTemplates.size,
      installed: ['article', 'business-case', 'process-improvement'],
      coverage: 3 / builtinTemplates.size,
      byTopic: {
        business: { available: 2, installed: 2 },
        creative: { available: 1, installed: 1 },
        research: { available: 2, installed: 0 },
      },
    });
    expect((await ask('template.install', { overwrite: true })).installed.length).toBe(builtinTemplates.size - 2);
    expect((await ask('template.get', { id: 'business-case' })).content).toBe(builtinTemplates.get('business-case'));
    expect((await ask('template.install', { library: 'examples', category: 'user' })).installed).toEqual([
      'bug-fix',
      'feature',
      'api-endpoint',
    ]);
    expect((await ask('template.validateAll', {})).broken).toEqual([]);
    expect(await ask('template.delete', { id: 'article' })).toMatchObject({ category: 'shared', extendedBy: [] });
    // Sent twice, it would delete the user's and then the shared one.
    expect(await refused('template.delete', { id: 'feature' })).toMatchObject({ reason: 'INVALID_PARAMS', issues: [{ path: 'category' }] });
    expect(await ask('template.delete', { id: 'feature', category: 'user' })).toMatchObject({
      category: 'user',
      extendedBy: [{ id: 'api-endpoint' }, { id: 'api-endpoint' }],
    });
    expect(await refused('template.delete', { id: 'article' })).toMatchObject({
      reason: 'TEMPLATE_NOT_FOUND',
      message: expect.stringContaining('is built in and stays'),
    });
    expect((await ask('template.get', { id: 'article' })).info.category).toBe('builtin');
  });
});

describe('the folder', () => {
  test('shows a reader whole texts only, while they take each other’s place', async () => {
    const library = openTemplates(await temporaryDirectory());
    const texts = ['a', 'b'].map((letter) => `// ${letter.repeat(90_000)}`);
    await library.write('user', 'one', texts[0] ?? '', true);
    const writer = { done: false };
    const writes = (async () => {
      for (let n = 1; n <= 40; n += 1) await library.write('user', 'one', texts[n % 2] ?? '', true);
      writer.done = true;
    })();
    let reads = 0;
    for (; !writer.done && reads < 100_000; reads += 1) {
      const stored = await library.read('user', 'one');
      if (stored?.text === null || !texts.includes(stored?.text ?? '')) throw new Error(`read ${stored?.text?.length} characters`);
    }
    await writes;
    expect(reads).toBeGreaterThan(5);
  });

  test('is followed where a link leads, and a pipe is not waited for', async () => {
    const data = await temporaryDirectory();
    const elsewhere = await mkdtemp(join(tmpdir(), 'troupe-linked-'));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    await writeFile(join(elsewhere, 'real.json5'), small);
    await mkdir(join(data, 'templates'));
    await symlink(elsewhere, join(data, 'templates/shared'));
    const library = openTemplates(data);
    expect(await library.names('shared')).toEqual({ names: ['real'], omitted: 0 });
    expect((await library.read('shared', 'real'))?.text).toBe(small);
    await expect(library.write('shared', '../outside', small, true)).rejects.toThrow('not the id of a template');
  });
});
