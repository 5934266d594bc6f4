// Troupe inside a server of one's own: one process, one port. What begins with /troupe is Troupe's, with its page, its WebSocket and MCP;
// the rest is a shop, whose orders become tasks.
//
//   node examples/embedding.js

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTroupe } from 'troupe';
import { connect } from 'troupe/client';

const data = await mkdtemp(join(tmpdir(), 'troupe-example-'));
const server = createServer();
await once(server.listen(0, '127.0.0.1'), 'listening');
const address = server.address();
const shop = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

const troupe = await createTroupe({ data, at: `${shop}/troupe` });
const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
const client = connect({ url: troupe.url, token, worker: 'warehouse' });

server.on('request', async (request, response) => {
  if (troupe.request(request, response)) return;
  const [, number] = /^\/orders\/(\d+)$/.exec(request.url ?? '') ?? [];
  if (number === undefined) return void response.writeHead(404).end();
  const externalId = `order-${number}`;
  // The same command takes effect once: an order that is sent again is the same order.
  if (request.method === 'PUT')
    await client.task.create({ title: `Pack order ${number}`, project: 'shop', externalId, commandId: externalId });
  const { items } = await client.task.list({ filter: { externalId }, fields: ['status'] });
  response.end(items[0]?.status ?? 'unknown');
});
server.on('upgrade', (request, socket, head) => {
  if (!troupe.upgrade(request, socket, head)) socket.destroy();
});

/** @param {string} path */
const ask = async (path, method = 'GET') => {
  const response = await fetch(shop + path, { method });
  return `${response.status} ${await response.text()}`;
};

assert.equal(await ask('/orders/7'), '200 unknown');
assert.equal(await ask('/orders/7', 'PUT'), '200 pending');
assert.equal(await ask('/orders/7', 'PUT'), '200 pending');
const run = await client.claim({ project: 'shop' });
assert.equal(await ask('/orders/7'), '200 in_progress');
await run.complete('Packed');
assert.equal(await ask('/orders/7'), '200 completed');
assert.equal((await client.task.list({ filter: { project: 'shop' } })).items.length, 1);
assert.equal(await ask('/troupe/readyz'), '200 {"ready":true}\n');
assert.equal(await ask('/trouper'), '404 ');

await client.close();
await troupe.close();
assert.match(await ask('/troupe/readyz'), /^503 /);
assert.equal(await ask('/elsewhere'), '404 ');
console.log('embedding: a shop and Troupe on one port, and the shop goes on without it');

server.close();
await rm(data, { recursive: true });
