import * as z from 'zod';
import { TroupeError } from '../../errors.ts';
import { issuesOf, request, requestId } from '../../protocol/messages.ts';
import { faultOf, parseJson } from '../json.ts';
import type { Request, RequestId } from '../../protocol/messages.ts';

/** What a text frame turned out to be. The id is null when none could be read. */
export type Envelope =
  | { readonly id: RequestId; readonly request: Request; readonly error: null }
  | { readonly id: RequestId | null; readonly request: null; readonly error: TroupeError };

const compiled = z.compile(request);

/** Reads one message. Nothing in it is trusted before its depth, its keys and its members were checked. */
export function readEnvelope(text: string): Envelope {
  let message: unknown;
  try {
    message = parseJson(text);
  } catch (error) {
    if (error instanceof TroupeError) return { id: null, request: null, error };
    throw error;
  }
  const fault = faultOf(message);
  if (fault !== null) return { id: idOf(message), request: null, error: fault };
  const parsed = compiled.safeParse(message);
  if (parsed.success) return { id: parsed.data.id, request: parsed.data, error: null };
  if (Array.isArray(message)) return { id: null, request: null, error: new TroupeError('INVALID_REQUEST', 'batches are refused') };
  const issues = issuesOf(parsed.error);
  const [first] = issues;
  const said = first === undefined ? 'not a request' : `${first.path === '' ? 'message' : first.path}: ${first.message}`;
  return { id: idOf(message), request: null, error: new TroupeError('INVALID_REQUEST', said, { issues }) };
}

function idOf(message: unknown): RequestId | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  const parsed = requestId.safeParse(message.id);
  return parsed.success ? parsed.data : null;
}
