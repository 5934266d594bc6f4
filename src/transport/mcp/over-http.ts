import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpHttpHandler, McpServerFactory, ServerEventBus } from '@modelcontextprotocol/server';
import { TroupeError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Grant, Tokens } from '../tokens.ts';
import { sendWebResponse, toWebRequest } from './web.ts';

/** What those who have a token are served. */
export interface HttpServed {
  readonly create: McpServerFactory;
  /** What streams of changes tell. */
  readonly changes: ServerEventBus;
  /** Answers with the reason what only waits. */
  readonly end?: (reason: TroupeError) => void;
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
  /** Ends all streams and what only waits. Work that has begun goes on to its answer. */
  end(): Promise<void>;
}

/** Streamable HTTP of the revision 2026-07-28, and request by request of those before it (MCP, transports). */
export function openMcpHandler({ tokens, logger, origin, serverOf }: McpHandlerOptions): McpHandler {
  const visits = new Map<Grant, Visit>();
  const onerror = (error: Error): void => logger.debug({ err: error }, 'mcp');
  let ended: TroupeError | null = null;

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
      void visit.end(new TroupeError('UNAUTHENTICATED', 'the token was revoked'));
    }
  });

  return {
    async handle(request, response, grant) {
      // Either may have come while this code was loaded.
      if (ended !== null) throw ended;
      if (!tokens.holds(grant)) throw new TroupeError('UNAUTHENTICATED', 'the token is unknown or revoked');
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      await sendWebResponse(response, await visitOf(grant).answer(toWebRequest(request, origin, gone.signal), gone));
    },
    async end() {
      const reason = new TroupeError('DRAINING', 'the service stops or restarts');
      ended = reason;
      forget();
      await Promise.all([...visits.values()].map((visit) => visit.end(reason)));
      visits.clear();
    },
  };
}

/** What one token has open. Streams are apart from calls, since calls have an end of their own. */
class Visit {
  readonly #served: HttpServed;
  readonly #answerCall: McpHttpHandler['fetch'];
  readonly #answerStream: McpHttpHandler['fetch'];
  readonly #closeStreams: McpHttpHandler['close'];
  #ended: TroupeError | null = null;

  constructor(served: HttpServed, onerror: (error: Error) => void) {
    this.#served = served;
    const streams = createMcpHandler(served.create, { bus: served.changes, onerror });
    this.#answerCall = createMcpHandler(served.create, { onerror }).fetch;
    this.#answerStream = streams.fetch;
    this.#closeStreams = streams.close;
  }

  async answer(request: Request, gone: AbortController): Promise<Response> {
    // The SDK refuses a header that says otherwise than the message.
    if (request.headers.get('mcp-method') !== 'subscriptions/listen') return this.#answerCall(request);
    if (this.#ended !== null) throw this.#ended;
    const answer = await this.#answerStream(request);
    // The end came while the message was read, and passed by a stream that there was not yet.
    if (this.#ended !== null) gone.abort();
    return answer;
  }

  end(reason: TroupeError): Promise<void> {
    this.#ended = reason;
    this.#served.end?.(reason);
    return this.#closeStreams();
  }
}
