import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import { answered, answersOf, clientOf, greeted, serviceOfFile } from './served.ts';

/** Below the messages: frames that no library sends. Each ends its own connection with a code, and nothing else. */

const service = serviceOfFile();

/** A frame by its bytes: the two of its header are given, the rest follows. */
const frame = (first: number, second: number, ...rest: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat([Buffer.from([first, second]), ...rest.map((part) => Buffer.from(part))]);
/** The payload under a mask of zeros. */
const masked = (text: Buffer | string): Buffer => Buffer.concat([Buffer.alloc(4), Buffer.from(text)]);
const ping = '{"jsonrpc":"2.0","id":1,"method":"system.ping"}';
const length = Buffer.byteLength(ping);

const broken: readonly (readonly [what: string, code: number, bytes: Buffer])[] = [
  ['an unmasked text', 1002, frame(0x81, length, ping)],
  ['an unmasked ping', 1002, frame(0x89, 0)],
  ['the reserved bit of compression', 1002, frame(0xc1, 0x80 | length, masked(ping))],
  ['the second reserved bit', 1002, frame(0xa1, 0x80 | length, masked(ping))],
  ['the third reserved bit', 1002, frame(0x91, 0x80 | length, masked(ping))],
  ...[3, 7, 11, 15].map((opcode) => [`the reserved opcode ${opcode}`, 1002, frame(0x80 | opcode, 0x80, masked(''))] as const),
  ['a ping of 126 bytes', 1002, frame(0x89, 0xfe, Buffer.from([0, 126]), masked(Buffer.alloc(126)))],
  ['a close of 126 bytes', 1002, frame(0x88, 0xfe, Buffer.from([0, 126]), masked(Buffer.alloc(126)))],
  ['a ping in fragments', 1002, frame(0x09, 0x80, masked(''))],
  ['a continuation of nothing', 1002, frame(0x80, 0x80, masked(''))],
  ['a text within a text', 1002, Buffer.concat([frame(0x01, 0x81, masked('{')), frame(0x81, 0x81, masked('}'))])],
  ['a close of one byte', 1002, frame(0x88, 0x81, masked('x'))],
  ['a close with a code that may not be sent', 1002, frame(0x88, 0x82, masked(Buffer.from([0x03, 0xed])))],
  ['a close with a reason that is no UTF-8', 1007, frame(0x88, 0x83, masked(Buffer.from([0x03, 0xe8, 0xff])))],
  ['a text that is no UTF-8', 1007, frame(0x81, 0x82, masked(Buffer.from([0xc3, 0x28])))],
  ['a text with half a surrogate pair in UTF-8', 1007, frame(0x81, 0x83, masked(Buffer.from([0xed, 0xa0, 0x80])))],
  ['a length of 8 exbibytes', 1009, frame(0x81, 0xff, Buffer.alloc(8, 0x7f), Buffer.alloc(4))],
  ['a length just over the limit, without the bytes', 1009, frame(0x81, 0xff, Buffer.from([0, 0, 0, 0, 0, 4, 0, 1]), Buffer.alloc(4))],
  ['a binary frame', 4400, frame(0x82, 0x80 | length, masked(ping))],
];

describe('a connection is closed for', () => {
  test.each(broken)('%s with %i', async (_, code, bytes) => {
    const raw = await greeted(service());
    raw.socket.write(bytes);
    expect(await raw.closed()).toBe(code);
    // Nobody was asked anything.
    expect(answersOf(raw).map(({ id }) => id)).toEqual([0]);
  });

  test.each([
    ['65 fragments', 65, 1],
    ['fragments without an end', 70, 0],
  ])('%s with 1008', async (_, count, end) => {
    const raw = await greeted(service());
    for (let part = 0; part < count; part += 1)
      raw.write(part === 0 ? opcodes.text : opcodes.continuation, ' ', { final: end === 1 && part === count - 1 });
    expect(await raw.closed()).toBe(1008);
  });
});

test('a message in fragments with a ping between them is one message', async () => {
  const raw = await greeted(service());
  raw.write(opcodes.text, ping.slice(0, 10), { final: false });
  raw.write(opcodes.ping, 'between');
  raw.write(opcodes.continuation, ping.slice(10));
  await answered(raw, 1);
  expect((await raw.frame(({ opcode }) => opcode === opcodes.pong)).payload.toString()).toBe('between');
  raw.destroy();
});

test('compression is never agreed on, whatever is offered', async () => {
  for (const offer of [
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits; server_no_context_takeover',
    'x-webkit-deflate-frame',
  ]) {
    const raw = await upgrade(service().port, { headers: { 'Sec-WebSocket-Extensions': offer } });
    expect([raw.status, raw.head.toLowerCase().includes('sec-websocket-extensions')]).toEqual([101, false]);
    raw.destroy();
  }
});

test('behind a close nothing is done any more, whatever closed the connection', async () => {
  const { port, token } = service();
  const request = (id: number, method: string, params: unknown) => {
    const text = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return frame(0x81, 0xfe, Buffer.from([text.length >> 8, text.length & 255]), masked(text));
  };
  const pad = 'x'.repeat(126);
  const hello = request(1, 'session.hello', { token, client: { name: 'behind', version: pad.slice(0, 60) } });
  const create = (title: string) => request(2, 'task.create', { title, description: pad });
  const binary = frame(0x82, 0x80, masked(''));
  for (const [title, bytes, code] of [
    ['behind a request without hello', [create('no hello'), hello, create('behind a request without hello')], 4401],
    ['behind a binary frame', [hello, binary, create('behind a binary frame')], 4400],
  ] as const) {
    const raw = await upgrade(port);
    raw.socket.write(Buffer.concat(bytes));
    expect([title, await raw.closed()]).toEqual([title, code]);
    // The service ends the connection when it has read everything and the peer stays mute.
    await new Promise((resolve) => raw.socket.once('close', resolve));
  }
  const client = await clientOf(service());
  expect((await client.request('task.list', {})).items).toEqual([]);
});

test('a flood of pings by a peer that reads nothing fills no memory: it is cut', async () => {
  const raw = await greeted(service());
  raw.socket.pause();
  const closed = new Promise((resolve) => raw.socket.once('close', resolve));
  const pings = Buffer.concat(Array.from({ length: 2_000 }, () => frame(0x89, 0xfd, masked(randomBytes(125)))));
  for (let times = 0; times < 500 && !raw.socket.destroyed; times += 1) {
    if (raw.socket.write(pings)) continue;
    await Promise.race([closed, new Promise((resolve) => raw.socket.once('drain', resolve))]);
  }
  await closed;
  expect((await (await clientOf(service())).request('system.ping', {})).position).toEqual(expect.any(String));
});
