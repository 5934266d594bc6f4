import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpHttpHandler, ServerEventBus } from '@modelcontextprotocol/server';
import type { EventLog } from '../../use-cases/services.ts';
import type { Grant } from '../tokens.ts';
import { changedUris } from './changes.ts';
import { LocalBackend } from './local-backend.ts';
import type { McpRouteOptions } from './routes.ts';
import { createMcpServer } from './mcp-server.ts';
import type { Toolset } from './toolbox.ts';
import { sendWebResponse, toWebRequest } from './web.ts';

/** Answers a request of `/mcp` whose Host, Origin and token the port has checked. */
export type McpHandler = (request: IncomingMessage, response: ServerResponse, grant: Grant) => Promise<void>;

/** Streamable HTTP of the revision 2026-07-28, and request by request of those before it (MCP, transports). */
export function createHttpHandler(options: McpRouteOptions, toolset: Toolset): McpHandler {
  const { dispatch, log, tokens, logger, version, origin } = options;
  const handlers = new WeakMap<Grant, McpHttpHandler>();

  function handlerFor(grant: Grant): McpHttpHandler {
    const known = handlers.get(grant);
    if (known !== undefined) return known;
    const backend = new LocalBackend(dispatch, grant);
    const handler = createMcpHandler(({ era }) => createMcpServer({ backend, toolset, logger, version, era, follow: null }), {
      bus: busOf(log, grant, () => {
        if (tokens.holds(grant)) return true;
        void handler.close();
        return false;
      }),
      onerror: (error) => logger.debug({ err: error }, 'mcp'),
    });
    handlers.set(grant, handler);
    return handler;
  }

  return async (request, response, grant) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    await sendWebResponse(response, await handlerFor(grant).fetch(toWebRequest(request, origin, gone.signal)));
  };
}

/** The event log as the SDK's bus: a stream hears of the projects that its token opens, as long as the token holds. */
function busOf(log: EventLog, { projects }: Grant, holds: () => boolean): ServerEventBus {
  return {
    // Everything that is published comes from the log.
    publish: () => {},
    subscribe(listener) {
      let next = log.end;
      return log.onAppend(() => {
        for (next = Math.max(next, log.first); next < log.end; next += 1) {
          const { event } = log.at(next);
          if (event.taskId === null) continue;
          if (projects !== null && !projects.includes(event.project)) continue;
          if (!holds()) return;
          for (const uri of changedUris(event)) listener({ kind: 'resource_updated', uri });
        }
      });
    },
  };
}
