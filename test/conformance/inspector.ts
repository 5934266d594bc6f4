import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { Row } from './row.ts';
import { command } from './service.ts';
import type { Service } from './service.ts';
import { runInspector } from './tools.ts';

/** `mcp-inspector --cli` against the built service: what a person finds who tries it. */

const transports = ['http', 'stdio'] as const;
const eras = ['legacy', 'modern'] as const;

interface Way {
  readonly transport: (typeof transports)[number];
  readonly era: (typeof eras)[number];
  /** Whose work it does, so that ways at the same time don't take each other's. */
  readonly specialist: string;
}

export const ways: readonly Way[] = [
  { transport: 'http', era: 'legacy', specialist: 'tester' },
  { transport: 'http', era: 'modern', specialist: 'reviewer' },
  { transport: 'stdio', era: 'legacy', specialist: 'architect' },
  { transport: 'stdio', era: 'modern', specialist: 'debugger' },
];

const envelope = z.object({ result: z.looseObject({}) });
const toolAnswer = z.looseObject({ structuredContent: z.looseObject({}) });

/** One session of a person: each step counts on what those before it left. */
export async function inspect(service: Service, { transport, era, specialist }: Way): Promise<Row[]> {
  const written = join(service.data, `${era}.stdout`);
  const stdio = [process.execPath, resolve('build/test/conformance/tee.js'), written, command, 'mcp', '--data', service.data];
  const server =
    transport === 'stdio'
      ? ['--', ...stdio]
      : ['--transport', 'http', '--server-url', `${service.origin}/mcp`, '--header', `Authorization: Bearer ${service.token}`];

  async function ask(method: string, ...args: readonly string[]): Promise<unknown> {
    const options = ['--format', 'json', '--quiet', '--protocol-era', era, '--method', method, ...args];
    const { code, out, err } = await runInspector([...options, ...server], service.data);
    if (code !== 0) throw new Error(`ended with ${code}: ${err.trim() || out.trim()}`);
    return envelope.parse(JSON.parse(out)).result;
  }
  const call = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const answer = await ask('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));
    return toolAnswer.parse(answer).structuredContent;
  };

  let taskId = '';
  const title = `Inspected over ${transport} (${era})`;
  const work = 'The work, in full.';
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'tools/list',
      async () => {
        // Ends with an error for a schema that clients can't use.
        const names = namesIn(await ask('tools/list', '--strict'), 'tools');
        demand(names, 'orchestrator_plan_task', 'orchestrator_claim_task', 'orchestrator_complete_task');
      },
    ],
    [
      'tools/call orchestrator_plan_task',
      async () => {
        const plan = await call('orchestrator_plan_task', { title, description: '', specialist_type: specialist });
        taskId = z.string().startsWith('t_').parse(plan['task_id']);
      },
    ],
    [
      'tools/call orchestrator_claim_task',
      async () => {
        const claim = await call('orchestrator_claim_task', { specialist_type: [specialist], worker: specialist });
        z.looseObject({ task_id: z.literal(taskId), task_title: z.literal(title), lease_id: z.string() }).parse(claim);
      },
    ],
    [
      'tools/call orchestrator_complete_task',
      async () => {
        const ending = { task_id: taskId, summary: 'Done', detailed_work: work, next_action: 'complete', worker: specialist };
        const done = await call('orchestrator_complete_task', ending);
        z.looseObject({ task_status: z.literal('completed'), artifact_count: z.literal(1) }).parse(done);
      },
    ],
    [
      'resources/list',
      async () => demand(namesIn(await ask('resources/list'), 'resources', 'uri'), 'troupe://roles', `troupe://plans/${taskId}`),
    ],
    [
      'resources/read',
      async () => {
        const task = z.object({ status: z.literal('completed'), artifacts: z.tuple([z.looseObject({ id: z.string() })]) });
        const { artifacts } = task.parse(JSON.parse(await read(`troupe://tasks/${taskId}`)));
        const found = await read(`troupe://artifacts/${artifacts[0].id}`);
        if (found !== work) throw new Error(`the artifact reads ${JSON.stringify(found)}`);
      },
    ],
    ['prompts/list', async () => demand(namesIn(await ask('prompts/list'), 'prompts'), 'plan', `work-as-${specialist}`)],
    [
      'prompts/get',
      async () => {
        const answer = JSON.stringify(await ask('prompts/get', '--prompt-name', 'plan', '--prompt-args', 'goal=Ship'));
        if (!answer.includes('Ship')) throw new Error(`the prompt reads ${answer.slice(0, 100)}`);
      },
    ],
    ...(transport === 'stdio' ? [['standard output is the protocol', () => onlyProtocol(written)] as const] : []),
  ];

  async function read(uri: string): Promise<string> {
    const { contents } = z
      .looseObject({ contents: z.tuple([z.looseObject({ text: z.string() })]) })
      .parse(await ask('resources/read', '--uri', uri));
    return contents[0].text;
  }

  const rows: Row[] = [];
  for (const [step, take] of steps) {
    const what = `inspector ${transport} ${era} ${step}`;
    const why = await take().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').slice(0, 300) : String(error)),
    );
    rows.push(why === undefined ? { what, outcome: 'passed' } : { what, outcome: 'failed', why });
  }
  return rows;
}

/** The names, or another member, of what a list lists. */
function namesIn(answer: unknown, list: string, member = 'name'): string[] {
  const items = z.looseObject({}).parse(answer)[list];
  return z.array(z.looseObject({ [member]: z.string() }).transform((item) => String(item[member]))).parse(items);
}

function demand(names: readonly string[], ...wanted: readonly string[]): void {
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} is missing in ${names.join(', ')}`);
}

/** Every line is a message of JSON-RPC 2.0. */
async function onlyProtocol(file: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  if (lines.length < 2 || lines.pop() !== '') throw new Error('nothing, or an unfinished line, was written');
  for (const line of lines) z.looseObject({ jsonrpc: z.literal('2.0') }).parse(JSON.parse(line));
}
