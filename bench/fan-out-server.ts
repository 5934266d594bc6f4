import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { tellUrl } from './tell-url.ts';

/** The baseline of the fan-out: for every event, one `send` of a string for every client. */

/** What an event of the service looks like on the wire. */
const event = JSON.stringify({
  jsonrpc: '2.0',
  method: 'events',
  params: { view: 'v1', events: [{ position: 'x'.repeat(40), event: { text: 'y'.repeat(430) } }] },
});

const http = createServer();
const wss = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => 'troupe.v1' });
wss.on('connection', (ws) => {
  ws.on('message', (data: Buffer) => {
    const { id, params } = JSON.parse(data.toString()) as { id: number; params: { events?: number } };
    for (let count = 0; count < (params.events ?? 0); count++) for (const client of wss.clients) client.send(event);
    ws.send(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
  });
});
tellUrl(http, wss);
