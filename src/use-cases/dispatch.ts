import * as z from 'zod';
import { TroupeError } from '../errors.ts';
import { invalidParams } from '../protocol/messages.ts';
import { aliases, methods } from '../protocol/methods.ts';
import type { Input, MethodName } from '../protocol/methods.ts';
import type { Caller } from './caller.ts';
import { useCases } from './index.ts';
import type { Handler, Services } from './services.ts';

/** Runs a method for a caller. Rejects with a TroupeError, or with an unknown error that is a fault of ours. */
export type Dispatch = (method: string, params: unknown, caller: Caller) => Promise<unknown>;

/** What a request for a method that there is not counts as: its name is the client's text. */
const unknownMethod = 'unknown';

/** Told of every request that was answered: how long it took, and the reason when it was refused. */
export type Observer = (answered: {
  readonly method: MethodName | typeof unknownMethod;
  readonly ms: number;
  readonly by: string;
  readonly reason: string | null;
}) => void;

// Said once per row, so that a method's name leads to a schema and a use case of the same method.
const inputs: { readonly [M in MethodName]: { readonly input: z.ZodType<Input<M>> } } = methods;
const handlers: { readonly [M in MethodName]: Handler<M> } = useCases;

const missing: z.core.$ZodErrorMap = ({ input }) => (input === undefined ? 'is missing' : undefined);

type Run = (services: Services, params: unknown, caller: Caller) => Promise<unknown>;

/** A row and its use case as one function, behind the row's compiled schema. */
function runner<M extends MethodName>(method: M): Run {
  const schema = z.compile(inputs[method].input);
  const handler = handlers[method];
  return (services, params, caller) => {
    const given = params ?? {};
    const parsed = schema.safeParse(given);
    // A second look finds words for what is not there at all; it is too slow for inputs that are right.
    if (!parsed.success) throw invalidParams(schema.safeParse(given, { error: missing }).error ?? parsed.error);
    return handler(services, parsed.data, caller);
  };
}

const runners = new Map<MethodName, Run>();

/** Made when a method is first asked for: to compile all schemas would take longer than the rest of a start. */
function runnerOf(method: MethodName): Run {
  let run = runners.get(method);
  if (run === undefined) runners.set(method, (run = runner(method)));
  return run;
}

const isMethod = (name: string): name is MethodName => Object.hasOwn(methods, name);

function methodOf(name: string): MethodName {
  const method = Object.hasOwn(aliases, name) ? aliases[name] : isMethod(name) ? name : undefined;
  if (method === undefined) throw new TroupeError('METHOD_NOT_FOUND', `there is no method "${name.slice(0, 100)}"`);
  return method;
}

function requireScope(method: MethodName, caller: Caller): void {
  const { scope } = methods[method];
  if (!caller.scopes.includes(scope)) throw new TroupeError('FORBIDDEN', `${method} needs the scope ${scope}`);
}

export function createDispatch(services: Services, observe?: Observer): Dispatch {
  return async (name, params, caller) => {
    const start = performance.now();
    let method: MethodName | typeof unknownMethod = unknownMethod;
    let reason: string | null = null;
    try {
      method = methodOf(name);
      requireScope(method, caller);
      return await runnerOf(method)(services, params, caller);
    } catch (error) {
      reason = error instanceof TroupeError ? error.reason : 'INTERNAL';
      throw error;
    } finally {
      const ms = performance.now() - start;
      services.figures.answered(method, ms, reason);
      observe?.({ method, ms, by: caller.name, reason });
    }
  };
}
