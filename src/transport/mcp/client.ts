import { CLIENT_CAPABILITIES_META_KEY, MissingRequiredClientCapabilityError } from '@modelcontextprotocol/server';
import type { ClientCapabilities, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { ArgumentError } from './argument-error.ts';

/** What the client at the other end can do. */

/** 2025-era clients, and those of 2026-07-28. */
export type Era = 'legacy' | 'modern';

/** SEP-2663. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

export interface ClientAbilities {
  /** Whether it shows a person a form. */
  readonly elicits: boolean;
  /** Throws when the client takes no MCP tasks. */
  requireTasks(): void;
}

const declaration = z.looseObject({
  elicitation: z.looseObject({ form: z.unknown() }).partial().optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

/**
 * From what this request says (2026-07-28), or what the connection said when it began.
 * @param declared at the beginning of the connection; a request of its own over HTTP had none
 */
export function abilitiesOf({ mcpReq }: ServerContext, era: Era, declared: ClientCapabilities | undefined): ClientAbilities {
  // The SDK has no type for what a request says of its client.
  const said = era === 'modern' ? new Map(Object.entries(mcpReq.envelope ?? {})).get(CLIENT_CAPABILITIES_META_KEY) : declared;
  const capabilities = declaration.safeParse(said).data;
  const elicitation = capabilities?.elicitation;
  return {
    // An empty object means forms, as before there were other ways.
    elicits: elicitation !== undefined && (elicitation.form !== undefined || Object.keys(elicitation).length === 0),
    requireTasks() {
      if (era === 'legacy') {
        throw ArgumentError.at(
          'as_task',
          'needs a client of the revision 2026-07-28 that takes tasks',
          'call without as_task and follow the task with orchestrator_get_task',
        );
      }
      if (capabilities?.extensions?.[tasksExtension] !== undefined) return;
      throw new MissingRequiredClientCapabilityError(
        { requiredCapabilities: { extensions: { [tasksExtension]: {} } } },
        `the client does not declare the extension ${tasksExtension}`,
      );
    },
  };
}
