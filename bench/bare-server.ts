import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import * as z from 'zod';
import { tellUrl } from './tell-url.ts';

/** The baseline: parses, checks, answers, forgets. */

const id = 't_00000000000000000000000000';
const request = z.compile(
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.int(), method: z.string(), params: z.record(z.string(), z.unknown()) }),
);
const params = {
  'session.hello': z.compile(z.strictObject({ token: z.string(), worker: z.string() })),
  'task.create': z.compile(z.strictObject({ commandId: z.string(), title: z.string().max(255), description: z.string().max(16_384) })),
  'task.execute': z.compile(z.strictObject({ commandId: z.string(), taskId: z.string() })),
  'task.complete': z.compile(z.strictObject({ commandId: z.string(), taskId: z.string(), summary: z.string(), detailedWork: z.string() })),
};
const isMethod = (name: string): name is keyof typeof params => Object.hasOwn(params, name);

const http = createServer();
const wss = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => 'troupe.v1' });
wss.on('connection', (ws) => {
  ws.on('message', (data: Buffer) => {
    const message = request.parse(JSON.parse(data.toString()));
    if (!isMethod(message.method)) return ws.close(4400);
    params[message.method].parse(message.params);
    return ws.send(
      JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { task: { id, status: 'completed', rev: 1 }, position: '0:0:0' } }),
    );
  });
});
tellUrl(http, wss);
