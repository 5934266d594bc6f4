import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Client, Link } from '../../src/client/node.ts';
import type { LinkOptions } from '../../src/client/node.ts';

/** A client that ends with the test, and whose connections can be ended as by a network that breaks. */
export function clientOf(address: LinkOptions['address'], options: Partial<LinkOptions> = {}) {
  const sockets = new Set<WebSocket>();
  const asked: string[] = [];
  const link = new Link({
    address,
    client: { name: 'test', version: '1' },
    worker: 'w-1',
    openSocket: (url, subprotocol) => {
      const socket = new WebSocket(url, subprotocol, { perMessageDeflate: false });
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      const send = socket.send.bind(socket);
      socket.send = (text: string): void => {
        asked.push((JSON.parse(text) as { method: string }).method);
        send(text);
      };
      return socket;
    },
    ...options,
  });
  onTestFinished(() => link.close());
  return {
    client: new Client(link),
    /** The methods that were sent, in order. */
    asked,
    /** Answers how many there were. */
    cut(): number {
      const open = [...sockets].filter(({ readyState }) => readyState === WebSocket.OPEN);
      for (const socket of open) socket.terminate();
      return open.length;
    },
  };
}
