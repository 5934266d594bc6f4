import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the conformance tool can't do by itself: it sends no token, and speaks its newest revision only. */

export interface Proxy {
  /** `127.0.0.1:port`; the service behind it must allow it as Host. */
  readonly host: string;
  /** Sends on to this origin, with this token. */
  aim(target: { readonly origin: string; readonly token: string }): void;
  /** The revision that clients ask for, whatever they ask for. */
  revise(revision: string): void;
  close(): void;
}

const newest = '"protocolVersion":"2025-11-25"';

/** A forwarder on loopback. All headers are the client's own, Host and Origin too, so that the port judges them. */
export async function openProxy(): Promise<Proxy> {
  let to = { origin: '', token: '' };
  let asked = newest;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => void chunks.push(chunk));
    incoming.on('end', () => {
      // Of the same length, so that Content-Length stays true.
      const body = Buffer.concat(chunks).toString().replace(newest, asked);
      const headers = { ...incoming.headers, authorization: `Bearer ${to.token}` };
      const onward = request(`${to.origin}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    aim: (target) => void (to = target),
    revise: (revision) => void (asked = `"protocolVersion":"${revision}"`),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
