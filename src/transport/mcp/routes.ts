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
  // Loaded with the first request: a service that nobody asks over MCP starts without it.
  let handler: Promise<McpHandler> | undefined;
  const load = async (): Promise<McpHandler> => (await import('./over-http.ts')).createHttpHandler(options, toolset);
  return {
    path,
    methods: ['GET', 'POST', 'DELETE'],
    access: 'token',
    handle: async (request, response, grant) => (await (handler ??= load()))(request, response, grant),
  };
}
