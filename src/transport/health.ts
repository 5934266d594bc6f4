import { sendJson } from './http.ts';
import type { Route } from './http.ts';

/** Measured, never constant. */
export interface Health {
  /** Whether the service does what it is there for: commands are taken and become durable. */
  readonly healthy: boolean;
  /** Whether new work should be sent here: false as well while the service starts or stops. */
  readonly ready: boolean;
  /** What was measured; anybody who reaches the port may read it. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** `/healthz` with its facts, `/readyz` with a yes or no. 503 when the answer is no. */
export function healthRoutes(health: () => Health): Route[] {
  const methods = ['GET', 'HEAD'];
  return [
    {
      path: '/healthz',
      methods,
      access: 'public',
      handle(_request, response) {
        const { healthy, facts } = health();
        sendJson(response, healthy ? 200 : 503, { healthy, ...facts });
      },
    },
    {
      path: '/readyz',
      methods,
      access: 'public',
      handle(_request, response) {
        const { ready } = health();
        sendJson(response, ready ? 200 : 503, { ready });
      },
    },
  ];
}
