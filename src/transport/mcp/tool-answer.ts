import type { CallToolResult } from '@modelcontextprotocol/server';
import { answerBytes, asJson, fit } from './fit.ts';
import type { Link } from './tool.ts';

export type ToolAnswer = CallToolResult & { readonly structuredContent: Readonly<Record<string, unknown>> };

/**
 * The structured content, the same as text for clients that show only text, and artifacts as links. One copy of it is at most
 * `answerBytes` long.
 */
export function toolAnswer(data: object, links: readonly Link[]): ToolAnswer {
  const linked = links.map((link) => ({ type: 'resource_link' as const, ...link }));
  const room = answerBytes - (linked.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(linked)));
  const text = JSON.stringify(data);
  // Most answers fit as they are.
  if (Buffer.byteLength(text) <= room) return { content: [{ type: 'text', text }, ...linked], structuredContent: { ...data } };
  const value = fit(asJson(data), room);
  return { content: [{ type: 'text', text: JSON.stringify(value) }, ...linked], structuredContent: value };
}
