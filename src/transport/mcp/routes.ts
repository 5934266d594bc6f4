import type { Logger } from '../../logger.ts';
import type { Dispatch } from '../../use-cases/dispatch.ts';
import type { EventLog } from '../../use-cases/services.ts';
import type { Route } from '../http.ts';
import type { Tokens } from '../tokens.ts';
import type { McpHandler } from './over-http.ts';
import type { Toolset } from './toolbox.ts';

export interface McpRouteOptions {
  readonly dispatch: Dispatch;
  readonly log: EventLog;
  readonly tokens: Tokens;
  readonly logger: Logger;
  readonly version: string;
  /** Of the port. */
  readonly origin: string;
}

/** `/mcp` lists the tools that work needs, `/mcp/all` every one. */
export function mcpRoutes(options: McpRouteOptions): Route[] {
  return [routeOf('/mcp', 'core', options), routeOf('/mcp/all', 'all', options)];
}

function routeOf(path: string, toolset: Toolset, options: McpRouteOptions): Route {
  const { tokens, logger, origin } = options;
  // Loaded with the first request: a service that nobody asks over MCP starts without it.
  let handler: Promise<McpHandler> | undefined;
  const load = async (): Promise<McpHandler> => {
    const [{ openMcpHandler }, { serverOf }] = await Promise.all([import('./over-http.ts'), import('./local-server.ts')]);
    return openMcpHandler({ tokens, logger, origin, serverOf: (grant) => serverOf(grant, toolset, options) });
  };
  return {
    path,
    // Of the methods of streamable HTTP, GET and DELETE are about sessions, which there are none of.
    methods: ['POST'],
    access: 'token',
    handle: async (request, response, grant) => (await (handler ??= load())).handle(request, response, grant),
    end: async () => (await handler)?.end(),
  };
}
