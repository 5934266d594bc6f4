import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { instantiate } from '../../../src/templates/instantiate.ts';
import { rehearse } from '../../../src/templates/rehearse.ts';
import { faultsOf, templateOf } from '../../support/templates.ts';

/** The page about templates shows templates that work. */

test('the examples of the page can be used as they stand', async () => {
  const page = await readFile('docs/templates.md', 'utf8');
  const [plain = '', extending = ''] = [...page.matchAll(/```json5\n(.*?)```/gs)].map(([, text]) => text ?? '');
  const { plan } = instantiate(templateOf(plain), { area: 'the attic' }, { id: 'tidy-up', category: 'user' });
  expect(rehearse(plan)).toEqual([['look'], ['tidy'], ['tidy:review'], ['done']]);
  expect(plan.tasks?.[1]?.acceptance).toEqual(['Nothing behaves differently', 'the tests pass']);
  const own = instantiate(templateOf(extending, plain), {}, { id: 'docs', category: 'user' });
  expect([own.plan.tasks?.[1]?.title, own.plan.tasks?.[1]?.specialist]).toEqual(['Tidy docs', 'documenter']);
  const message = /templates\/user\/onboarding\.json5: (.*) \(line (\d+)\)/.exec(page);
  const onboarding = (await readFile('fixtures/templates/onboarding.json5', 'utf8')).replace('devops', 'wizard');
  expect(faultsOf(onboarding)).toEqual([message?.[1]?.replace('specialist_type:', `specialist_type (${message[2]}):`)]);
});
