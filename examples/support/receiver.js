import { createHmac, timingSafeEqual } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Where webhooks go: it believes what is signed with the secret, takes what comes twice once, and every fourth time it is not well.
 * @param {string} secret
 */
export async function openReceiver(secret) {
  /** What was taken, in order, by its id. @type {Map<string, unknown>} */
  const taken = new Map();
  const news = new EventEmitter();
  let calls = 0;
  const server = createServer(async (request, response) => {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = request.headers;
    const body = await text(request);
    const signed = [id, time, body].join('.');
    const expected = Buffer.from(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
    const given = Buffer.from(String(signature));
    const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
    calls += 1;
    const status = isGenuine ? (calls % 4 === 0 ? 503 : 204) : 401;
    if (status === 204 && !taken.has(String(id))) taken.set(String(id), JSON.parse(body));
    response.writeHead(status).end();
    news.emit('call');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    target: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hook`,
    taken,
    /** How often it was called. */
    calls: () => calls,
    /** @param {() => boolean} isSo */
    async until(isSo) {
      while (!isSo()) await once(news, 'call');
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
