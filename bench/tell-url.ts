import type { Server } from 'node:http';
import type { WebSocketServer } from 'ws';

/** Listens on any free port and says where, in the words that the service uses; stops on SIGTERM. */
export function tellUrl(http: Server, wss: WebSocketServer): void {
  http.listen(0, '127.0.0.1', () => {
    const address = http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    process.stdout.write(`${JSON.stringify({ url: `ws://127.0.0.1:${address.port}/ws` })}\n`);
  });
  process.once('SIGTERM', () => {
    for (const ws of wss.clients) ws.terminate();
    http.close();
  });
}
