import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { faultFor } from '../fault.ts';
import type { Logger } from '../../logger.ts';
import { answerBytes, asJson, fit } from './fit.ts';
import { refusalResult } from './refusal.ts';
import type { ToolCall } from './tool.ts';
import { namesNear, toolOf } from './toolbox.ts';

/**
 * Answers a call of a tool: the structured content, the same as text for clients that show only text, and artifacts as links. One
 * copy of it is at most `answerBytes` long. A refusal is an answer with `isError`; only a tool that there is not is an error of the
 * protocol (MCP, tools: error handling).
 */
export async function callTool(name: string, args: unknown, call: ToolCall, logger: Logger): Promise<CallToolResult> {
  const tool = toolOf(name);
  if (tool === undefined) {
    const nearby = namesNear(name);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${name.slice(0, 100)}; there are ${nearby.join(', ')}`, {
      nearby,
    });
  }
  try {
    const { data, links = [] } = await tool.run(call, args);
    const linked = links.map((link) => ({ type: 'resource_link' as const, ...link }));
    const room = answerBytes - (linked.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(linked)));
    const value = fit(asJson(data), room);
    return { content: [{ type: 'text', text: JSON.stringify(value) }, ...linked], structuredContent: value };
  } catch (error) {
    return refusalResult(faultFor(error, { logger, method: name }), call.backend);
  }
}
