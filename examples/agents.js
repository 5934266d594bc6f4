// Two agents on one plan, over the Model Context Protocol: one plans, then both take whatever is ready, and nothing is done twice. The
// agents are functions here; what they call is what a language model would call.
//
//   node examples/agents.js        each agent starts a `troupe mcp`; with TROUPE_URL and TROUPE_TOKEN they go to your service over HTTP

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport, getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import { openService } from './support/service.js';

const { url, token, project, data, close } = await openService();
const troupe = fileURLToPath(new URL('dist/cli/main.js', import.meta.resolve('troupe/package.json')));

function transport() {
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  if (data === null) return new StreamableHTTPClientTransport(new URL('mcp', `${url}/`), { requestInit });
  return new StdioClientTransport({ command: process.execPath, args: [troupe, 'mcp', '--data', data], env: getDefaultEnvironment() });
}

/** @param {string} name */
async function join(name) {
  const client = new Client({ name, version: '1.0.0' });
  await client.connect(transport());
  /** @param {string} tool @param {Record<string, unknown>} args @returns {Promise<Record<string, unknown>>} */
  const call = async (tool, args) => {
    const { isError, structuredContent, content } = await client.callTool({ name: `orchestrator_${tool}`, arguments: args });
    if (isError === true) throw new Error(`${name} was refused: ${JSON.stringify(content)}`);
    return Object.fromEntries(Object.entries(structuredContent ?? {}));
  };
  return { name, call, close: () => client.close() };
}

/** @typedef {Awaited<ReturnType<typeof join>>} Agent */

/** The best task that is ready; null when there is none for the moment. @param {Agent} agent */
async function claim({ name, call }) {
  try {
    return await call('claim_task', { project, worker: name, wait_ms: 500 });
  } catch (error) {
    if (String(error).includes('NOTHING_READY')) return null;
    throw error;
  }
}

/** @param {Agent} agent @param {Record<string, unknown>} task */
async function carryOut({ name, call }, { task_id, lease_id, task_title, dependencies }) {
  const mine = { task_id, lease_id, worker: name };
  await call('report_progress', { ...mine, message: 'reading what the others have found' });
  const work = `${name} has read ${JSON.stringify(dependencies)}`;
  await call('complete_task', { ...mine, summary: `Done by ${name}`, detailed_work: work, next_action: 'complete' });
  done.push({ title: String(task_title), work });
}

/** @type {{ title: string, work: string }[]} */
const done = [];
const [ada, grace] = await Promise.all([join('ada'), join('grace')]);
const subtasks = [
  { ref: 'commits', title: 'Read the commits' },
  { ref: 'issues', title: 'Read the issues' },
  { ref: 'notes', title: 'Write the notes', depends_on: ['commits', 'issues'] },
];
const plan = await ada.call('plan_task', { title: 'Release notes', description: 'What has changed for users', project, subtasks });

await Promise.all(
  [ada, grace].map(async (agent) => {
    // Without end in a real agent: here until the three tasks are done, and the plan with their results.
    while (done.length < 4) {
      const task = await claim(agent);
      if (task !== null) await carryOut(agent, task);
    }
  }),
);

const { task } = await grace.call('get_task', { task_id: plan['task_id'], fields: ['status'] });
assert.deepEqual(task, { task_id: plan['task_id'], status: 'completed' });
const order = done.map(({ title }) => title);
assert.deepEqual(new Set(order.slice(0, 2)), new Set(['Read the commits', 'Read the issues']));
assert.deepEqual(order.slice(2), ['Write the notes', 'Release notes']);
assert.match(done[2]?.work ?? '', /Read the commits.*Done by (ada|grace)/);
console.log('agents: two of them, four tasks, each done once and in order');

await Promise.all([ada.close(), grace.close()]);
await close();
