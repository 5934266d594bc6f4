import type * as z from 'zod';
import type { Issue } from '../../errors.ts';
import { issuesOf } from '../../protocol/messages.ts';
import { ArgumentError } from './argument-error.ts';
import type { TaskId } from '../../ids.ts';
import type { Backend } from './backend.ts';
import type { ClientAbilities } from './client.ts';

/** What a tool works with while it answers one call. */
export interface ToolCall {
  /** Speaks for the worker that the call names, else for the process's own. */
  readonly backend: Backend;
  readonly signal: AbortSignal | undefined;
  /** Tells the client that the call is still at it; nothing when the client did not ask for that. */
  readonly progress: (message: string) => void;
  readonly client: ClientAbilities;
  /** What came back of the form that this call was answered with before: null without an answer, undefined the first time. */
  readonly reply: string | null | undefined;
}

/** An artifact that an answer mentions, as a link that the client can read. */
export interface Link {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
}

/** What a tool found: the structured content, and the artifacts in it as links. */
export interface Found<T> {
  readonly data: T;
  readonly links?: readonly Link[];
  /** Shown to the person at the client before the call is answered; it is made again with the reply. */
  readonly question?: string;
  /** The task that the client follows in place of the answer (MCP, tasks extension). */
  readonly follow?: TaskId;
}

/** MCP, tools: hints that clients decide by whether to ask a person first. */
type Hints =
  | { readonly readOnlyHint: true }
  | { readonly readOnlyHint: false; readonly destructiveHint: boolean; readonly idempotentHint: boolean };

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whether it belongs to those that work needs, which are listed by themselves. */
  readonly core: boolean;
  readonly hints: Hints;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** Rejects with INVALID_PARAMS that names the argument, or with what the service refused with. */
  run(call: ToolCall, given: unknown): Promise<Found<object>>;
}

interface Definition<I extends z.ZodObject, O extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly core?: boolean;
  /** reads: changes nothing. adds: changes, and takes nothing away. ends: takes something away that must be brought back by hand. */
  readonly effect: 'reads' | 'adds' | 'ends';
  readonly input: I;
  readonly output: O;
  readonly run: (call: ToolCall, args: z.output<I>) => Promise<Found<z.input<NoInfer<O>>>>;
}

const missing: z.core.$ZodErrorMap = ({ input }) => (input === undefined ? 'is missing' : undefined);

/** What is wrong, by argument; the first one that there is not is told which there are. */
function told(error: z.ZodError, names: readonly string[]): Issue[] {
  const [unknown] = error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []));
  return issuesOf(error).map((issue) =>
    issue.path === unknown ? { ...issue, message: `no such argument; there are ${names.join(', ')}` } : issue,
  );
}

/** A tool of the table, with its arguments checked before it runs. */
export function tool<I extends z.ZodObject, O extends z.ZodObject>(definition: Definition<I, O>): Tool {
  const { name, title, description, core = false, effect, input, output, run } = definition;
  return {
    name,
    title,
    description,
    core,
    // Only a command_id makes a second call the same call.
    hints: effect === 'reads' ? { readOnlyHint: true } : { readOnlyHint: false, destructiveHint: effect === 'ends', idempotentHint: false },
    input,
    output,
    async run(call, given) {
      const parsed = input.safeParse(given ?? {}, { error: missing });
      if (!parsed.success) throw new ArgumentError(told(parsed.error, Object.keys(input.shape)));
      return run(forWorker(call, parsed.data), parsed.data);
    },
  };
}

function forWorker(call: ToolCall, args: object): ToolCall {
  if (!('worker' in args) || typeof args.worker !== 'string') return call;
  return { ...call, backend: call.backend.as(args.worker) };
}

/** Whoever has no name of its own shows the lease: another agent may have the same token. */
export function requireLease({ worker }: Backend, leaseId: string | undefined): void {
  if (worker !== null || leaseId !== undefined) return;
  throw ArgumentError.at('lease_id', 'is missing', 'give the lease_id that executing the task answered, or the worker that executed it');
}
