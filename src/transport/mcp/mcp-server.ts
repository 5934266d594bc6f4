import { Server } from '@modelcontextprotocol/server';
import type { ServerContext } from '@modelcontextprotocol/server';
import type { Logger } from '../../logger.ts';
import type { Backend } from './backend.ts';
import { callTool } from './call-tool.ts';
import { changedUris } from './changes.ts';
import type { FollowChanges } from './changes.ts';
import { abilitiesOf, tasksExtension } from './client.ts';
import type { Era } from './client.ts';
import { answerOf } from './elicitation.ts';
import { servePrompts } from './prompts.ts';
import { serveResources } from './resources.ts';
import { inputSchema, outputSchema } from './schema.ts';
import { serveTasks } from './tasks.ts';
import type { ToolCall } from './tool.ts';
import { toolsOf } from './toolbox.ts';
import type { Toolset } from './toolbox.ts';

export interface McpOptions {
  readonly backend: Backend;
  readonly toolset: Toolset;
  readonly logger: Logger;
  readonly version: string;
  /** 2025-era clients subscribe to resources one by one, those of 2026-07-28 listen to a stream of changes. */
  readonly era: Era;
  /** Changes for this server to tell on its own connection; null when the serving entry tells them, or the connection ends with the request. */
  readonly follow: FollowChanges | null;
}

const instructions = `Troupe is a list of work that you share with other agents and people. Plan with orchestrator_plan_task (subtasks may depend on each other). Take work with orchestrator_claim_task, follow the context and instructions in its answer, report with orchestrator_report_progress, end it with orchestrator_complete_task. Ask a person with orchestrator_ask_question. A refusal says what is allowed and how to go on. Give command_id to make sending a call again safe.`;

/** A server of the Model Context Protocol over one backend, for one connection or one request. */
export function createMcpServer({ backend, toolset, logger, version, era, follow }: McpOptions): Server {
  const capabilities = {
    tools: {},
    prompts: {},
    resources: { subscribe: era === 'modern' || follow !== null },
    ...(era === 'modern' && { extensions: { [tasksExtension]: {} } }),
  };
  const server = new Server({ name: 'troupe', title: 'Troupe', version }, { capabilities, instructions });
  server.setRequestHandler('tools/list', async () => ({
    tools: (await toolsOf(toolset)).map(({ name, title, description, hints, input, output }) => ({
      name,
      title,
      description,
      inputSchema: { ...inputSchema(input), type: 'object' as const },
      outputSchema: { ...outputSchema(output), type: 'object' as const },
      annotations: { ...hints },
    })),
  }));
  server.setRequestHandler('tools/call', ({ params }, context) => callTool(params.name, params.arguments, callOf(context), logger));
  if (era === 'modern') serveTasks(server, backend, logger);
  serveResources(server, backend, logger);
  servePrompts(server, backend, logger);
  if (follow !== null && era === 'modern') tellAll(server, follow);
  if (follow !== null && era === 'legacy') tellSubscribed(server, follow);
  return server;

  function callOf(context: ServerContext): ToolCall {
    const { signal, inputResponses } = context.mcpReq;
    const client = abilitiesOf(context, era, server.getClientCapabilities());
    return { backend, signal, progress: progressOf(context), client, reply: answerOf(inputResponses) };
  }
}

/** Tells how long a call that waits has been at it, if its client asked for that (MCP, progress). */
function progressOf({ mcpReq }: ServerContext): (message: string) => void {
  const progressToken = mcpReq._meta?.progressToken;
  let progress = 0;
  return (message) => {
    if (progressToken === undefined) return;
    progress += 1;
    void mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => {});
  };
}

/** Tells of every change; the serving entry lets through what `subscriptions/listen` asked for (MCP 2026-07-28, subscriptions). */
function tellAll(server: Server, follow: FollowChanges): void {
  const stop = follow((change) => {
    for (const uri of changedUris(change)) void server.sendResourceUpdated({ uri }).catch(() => {});
  });
  onClose(server, stop);
}

/** Tells of changes of what was subscribed to (MCP 2025-11-25, resources: subscriptions). */
function tellSubscribed(server: Server, follow: FollowChanges): void {
  const subscribed = new Set<string>();
  let stop: (() => void) | undefined;
  server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscribed.add(params.uri);
    stop ??= follow((change) => {
      for (const uri of changedUris(change)) if (subscribed.has(uri)) void server.sendResourceUpdated({ uri }).catch(() => {});
    });
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  onClose(server, () => stop?.());
}

/** The SDK has no other way to hear of the end. */
function onClose(server: Server, listener: () => void): void {
  Object.assign(server, { onclose: listener });
}
