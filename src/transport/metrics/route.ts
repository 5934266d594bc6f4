import { TroupeError } from '../../errors.ts';
import { methods } from '../../protocol/methods.ts';
import { createRegistry } from './registry.ts';
import type { Route } from '../http.ts';
import type { Measured } from './table.ts';

/** `GET /metrics` for Prometheus. It tells what `system.status` tells whoever may ask for that and opens all projects. */
export function metricsRoute(measured: Measured): Route {
  // Made with the first scrape: its watch over the collector and the event loop costs nothing where nobody asks.
  let registry: ReturnType<typeof createRegistry> | undefined;
  return {
    path: '/metrics',
    methods: ['GET', 'HEAD'],
    access: 'token',
    async handle(_request, response, grant) {
      const { scope } = methods['system.status'];
      if (!grant.scopes.includes(scope)) throw new TroupeError('FORBIDDEN', `reading metrics needs the scope ${scope}`);
      // `system.status` counts for such a token what it may see; the figures of a scrape are those of everybody.
      if (grant.projects !== null)
        throw new TroupeError('FORBIDDEN', 'metrics are of the whole service, and the token opens only some projects', {
          fix: 'use a token that opens all projects',
        });
      registry ??= createRegistry(measured);
      const bytes = Buffer.from(await registry.metrics());
      response.writeHead(200, { 'Content-Type': registry.contentType, 'Content-Length': bytes.length });
      response.end(bytes);
    },
  };
}
