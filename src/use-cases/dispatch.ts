import * as z from 'zod';
import { TroupeError } from '../errors.ts';
import { issuesOf } from '../protocol/messages.ts';
import { aliases, methods } from '../protocol/methods.ts';
import type { Input, MethodName } from '../protocol/methods.ts';
import type { Caller } from './caller.ts';
import { useCases } from './index.ts';
import type { Handler, Services } from './services.ts';

/** Runs a method for a caller. Rejects with a TroupeError, or with an unknown error that is a fault of ours. */
export type Dispatch = (method: string, params: unknown, caller: Caller) => Promise<unknown>;

/** Told of every request that was answered: how long it took, and the reason when it was refused. */
export type Observer = (answered: {
  readonly method: MethodName;
  readonly nanoseconds: number;
  readonly by: string;
  readonly reason: string | null;
}) => void;

/** More faults than these help nobody. */
const toldIssues = 20;

function invalid(error: z.ZodError): TroupeError {
  const issues = issuesOf(error).slice(0, toldIssues);
  const [first] = issues;
  const where = first === undefined || first.path === '' ? 'params' : first.path;
  return new TroupeError('INVALID_PARAMS', `${where}: ${first?.message ?? 'not what the method takes'}`, { issues });
}

// Said once per row, so that a method's name leads to a schema and a use case of the same method.
const inputs: { readonly [M in MethodName]: { readonly input: z.ZodType<Input<M>> } } = methods;
const handlers: { readonly [M in MethodName]: Handler<M> } = useCases;

type Run = (services: Services, params: unknown, caller: Caller) => Promise<unknown>;

/** A row and its use case as one function, behind the row's compiled schema. */
function runner<M extends MethodName>(method: M): Run {
  const schema = z.compile(inputs[method].input);
  const handler = handlers[method];
  return (services, params, caller) => {
    const parsed = schema.safeParse(params ?? {});
    if (!parsed.success) throw invalid(parsed.error);
    return handler(services, parsed.data, caller);
  };
}

const isMethod = (name: string): name is MethodName => Object.hasOwn(methods, name);

export function createDispatch(services: Services, observe?: Observer): Dispatch {
  const runners = new Map<MethodName, Run>(
    Object.keys(methods)
      .filter(isMethod)
      .map((method) => [method, runner(method)]),
  );
  return async (name, params, caller) => {
    const method = Object.hasOwn(aliases, name) ? aliases[name] : isMethod(name) ? name : undefined;
    const run = method === undefined ? undefined : runners.get(method);
    if (method === undefined || run === undefined) throw new TroupeError('METHOD_NOT_FOUND', `there is no method "${name.slice(0, 100)}"`);
    const { scope } = methods[method];
    if (!caller.scopes.includes(scope)) throw new TroupeError('FORBIDDEN', `${method} needs the scope ${scope}`);
    const start = process.hrtime.bigint();
    let reason: string | null = null;
    try {
      return await run(services, params, caller);
    } catch (error) {
      reason = error instanceof TroupeError ? error.reason : 'INTERNAL';
      throw error;
    } finally {
      const nanoseconds = Number(process.hrtime.bigint() - start);
      services.figures.answered(method, nanoseconds, reason !== null);
      observe?.({ method, nanoseconds, by: caller.name, reason });
    }
  };
}
