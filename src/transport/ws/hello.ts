import * as z from 'zod';
import { TroupeError } from '../../errors.ts';
import { connectionMethods, invalidParams } from '../../protocol/messages.ts';
import { subprotocol } from '../../protocol/subprotocol.ts';
import type { EventLog } from '../../use-cases/services.ts';
import type { ConnectionOutput } from '../../protocol/messages.ts';
import type { Grant, Tokens } from '../tokens.ts';
import type { Identity } from './calls.ts';
import type { Limits } from './limits.ts';

export interface Greeting {
  readonly grant: Grant;
  readonly identity: Identity;
  readonly answer: ConnectionOutput<'session.hello'>;
}

/** Takes a hello. The token in it counts, else what the upgrade's header opened; UNAUTHENTICATED without either. */
export function greet(
  service: { readonly log: EventLog; readonly tokens: Tokens; readonly limits: Limits; readonly version: string },
  upgraded: Grant | null,
  params: unknown,
): Greeting {
  const { token, worker } = readHello(params);
  const grant = token === undefined ? upgraded : service.tokens.verify(token);
  if (grant === null) {
    throw new TroupeError('UNAUTHENTICATED', token === undefined ? 'the hello carries no token' : 'the token is unknown or revoked');
  }
  const { name, scopes, projects } = grant;
  const { heartbeatMs, maxMessageBytes, maxInFlight, maxSubscriptions } = service.limits;
  return {
    grant,
    identity: { name, worker, scopes, projects },
    answer: {
      protocol: subprotocol,
      server: { name: 'troupe', version: service.version },
      scopes: [...scopes],
      projects: projects === null ? null : [...projects],
      position: service.log.head,
      heartbeatMs,
      limits: { maxMessageBytes, maxInFlight, maxSubscriptions },
    },
  };
}

const readHello = reader(connectionMethods['session.hello'].input);
export const readPing = reader(connectionMethods['system.ping'].input);
export const readCancel = reader(connectionMethods['request.cancel'].input);

/** Reads the params of a method of the connection; INVALID_PARAMS names every fault. */
function reader<S extends z.ZodType>(input: S): (params: unknown) => z.output<S> {
  const schema = z.compile(input);
  return (params = {}) => {
    const parsed = schema.safeParse(params);
    if (parsed.success) return parsed.data;
    throw invalidParams(parsed.error);
  };
}
