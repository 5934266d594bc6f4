import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpServerFactory, ServerEventBus } from '@modelcontextprotocol/server';
import { TroupeError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Grant, Tokens } from '../tokens.ts';
import { sendWebResponse, toWebRequest } from './web.ts';

/** What those who have a token are served. */
export interface HttpServed {
  readonly create: McpServerFactory;
  /** What streams of changes tell. */
  readonly changes: ServerEventBus;
}

interface McpHandlerOptions {
  readonly tokens: Tokens;
  readonly logger: Logger;
  /** Of the port. */
  readonly origin: string;
  readonly serverOf: (grant: Grant) => HttpServed;
}

export interface McpHandler {
  /** Answers a request whose Host, Origin and token the port has checked. */
  handle(request: IncomingMessage, response: ServerResponse, grant: Grant): Promise<void>;
  /** Ends all streams. Calls go on to their answers. */
  end(): Promise<void>;
}

/** Streamable HTTP of the revision 2026-07-28, and request by request of those before it (MCP, transports). */
export function openMcpHandler({ tokens, logger, origin, serverOf }: McpHandlerOptions): McpHandler {
  const visits = new Map<Grant, Visit>();
  const onerror = (error: Error): void => logger.debug({ err: error }, 'mcp');
  let ended = false;

  function visitOf(grant: Grant): Visit {
    const known = visits.get(grant);
    if (known !== undefined) return known;
    const visit = new Visit(serverOf(grant), onerror);
    visits.set(grant, visit);
    return visit;
  }

  const forget = tokens.onChange(() => {
    for (const [grant, visit] of visits) {
      if (tokens.holds(grant)) continue;
      visits.delete(grant);
      void visit.end();
    }
  });

  return {
    async handle(request, response, grant) {
      // Either may have come while this code was loaded.
      if (ended) throw new TroupeError('DRAINING', 'the service starts or restarts');
      if (!tokens.holds(grant)) throw new TroupeError('UNAUTHENTICATED', 'the token is unknown or revoked');
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      await sendWebResponse(response, await visitOf(grant).fetch(toWebRequest(request, origin, gone.signal), gone));
    },
    async end() {
      ended = true;
      forget();
      await Promise.all([...visits.values()].map((visit) => visit.endStreams()));
      visits.clear();
    },
  };
}

/** What one token has open. Streams are apart from calls, since they end at another time. */
class Visit {
  readonly #calls;
  readonly #streams;
  #endedStreams = false;

  constructor({ create, changes }: HttpServed, onerror: (error: Error) => void) {
    this.#calls = createMcpHandler(create, { onerror });
    this.#streams = createMcpHandler(create, { bus: changes, onerror });
  }

  async fetch(request: Request, gone: AbortController): Promise<Response> {
    // The SDK refuses a header that says otherwise than the message.
    if (request.headers.get('mcp-method') !== 'subscriptions/listen') return this.#calls.fetch(request);
    if (this.#endedStreams) throw new TroupeError('DRAINING', 'the service starts or restarts');
    const answer = await this.#streams.fetch(request);
    // The end came while the message was read, and passed by a stream that there was not yet.
    if (this.#endedStreams) gone.abort();
    return answer;
  }

  endStreams(): Promise<void> {
    this.#endedStreams = true;
    return this.#streams.close();
  }

  async end(): Promise<void> {
    await Promise.all([this.endStreams(), this.#calls.close()]);
  }
}
