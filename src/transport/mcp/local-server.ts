import type { EventLog } from '../../use-cases/services.ts';
import type { Grant } from '../tokens.ts';
import { changedUris } from './changes.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { LocalBackend } from './local-backend.ts';
import { createMcpServer } from './mcp-server.ts';
import type { HttpServed } from './over-http.ts';
import type { McpRouteOptions } from './routes.ts';
import type { Toolset } from './toolbox.ts';

/** What a token is served over HTTP: the service of this process. */
export function serverOf(grant: Grant, toolset: Toolset, { dispatch, log, logger, version }: McpRouteOptions): HttpServed {
  const calls = new CallsUnderWay();
  const backend = new LocalBackend(dispatch, grant, calls);
  return {
    create: ({ era }) => createMcpServer({ backend, toolset, logger, version, era, follow: null }),
    changes: changesOf(log, grant),
    end: (reason) => calls.end(reason),
  };
}

/** The event log as the SDK's bus: a stream hears of the projects that its token opens. */
function changesOf(log: EventLog, { projects }: Grant): HttpServed['changes'] {
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
          for (const uri of changedUris(event)) listener({ kind: 'resource_updated', uri });
        }
      });
    },
  };
}
