import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { faultFor } from '../fault.ts';
import { faultOf } from '../json.ts';
import type { Logger } from '../../logger.ts';
import { ArgumentError } from './argument-error.ts';
import { askFirst } from './elicitation.ts';
import { refusalResult } from './refusal.ts';
import { createdTask } from './tasks.ts';
import type { ToolCall } from './tool.ts';
import { toolAnswer } from './tool-answer.ts';
import { namesNear, toolOf } from './toolbox.ts';

/**
 * Answers a call of a tool. A refusal is an answer with `isError`; only a tool that there is not, and what a client has to be able to
 * do for the call, are errors of the protocol (MCP, tools: error handling).
 */
export async function callTool(name: string, args: unknown, call: ToolCall, logger: Logger): Promise<CallToolResult | InputRequiredResult> {
  const tool = await toolOf(name);
  if (tool === undefined) {
    const nearby = await namesNear(name);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${name.slice(0, 100)}; there are ${nearby.join(', ')}`, {
      nearby,
    });
  }
  try {
    const fault = faultOf({ params: args });
    if (fault !== null) throw new ArgumentError(fault.details.issues ?? []);
    const { data, links = [], question, follow } = await tool.run(call, args);
    if (question !== undefined) return askFirst(question);
    const answer = toolAnswer(data, links);
    return follow === undefined ? answer : await createdTask(call.backend, follow, answer);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return refusalResult(faultFor(error, { logger, method: name }), call.backend);
  }
}
