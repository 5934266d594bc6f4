import { acceptedContent, inputRequired } from '@modelcontextprotocol/server';
import type { InputRequest, InputRequiredResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { limits, text } from '../../protocol/values.ts';

/** A question as a form with one field, shown to the person at the client. */

const filled = z.object({ answer: text(limits.textBytes).min(1) });

export const formFor = (question: string): InputRequest =>
  inputRequired.elicit({
    mode: 'form',
    message: question,
    requestedSchema: { type: 'object', properties: { answer: { type: 'string', title: 'Answer' } }, required: ['answer'] },
  });

/** What was answered under a key; null when the form came back without an answer, undefined when it did not come back. */
export function answerIn(responses: Readonly<Record<string, unknown>> | undefined, key: string): string | null | undefined {
  if (responses?.[key] === undefined) return undefined;
  return acceptedContent(responses, key, filled)?.answer ?? null;
}

/** The one form of a call. */
const key = 'answer';

/** Shows the question; the client sends the same call again with what was answered. */
export const askFirst = (question: string): InputRequiredResult => inputRequired({ inputRequests: { [key]: formFor(question) } });

export const answerOf = (responses: Readonly<Record<string, unknown>> | undefined): string | null | undefined => answerIn(responses, key);
