import { ResourceNotFoundError, SdkError, Server } from '@modelcontextprotocol/server';
import type { CallToolResult, GetPromptResult, ReadResourceResult, ServerContext } from '@modelcontextprotocol/server';
import { elicitations } from './elicitations.ts';

/** The tools, resources and prompts that the scenarios of `@modelcontextprotocol/conformance` expect, by their names. */

/** One red point. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
/** A header and no sound. */
const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

const text = (value: string) => ({ type: 'text' as const, text: value });
const image = { type: 'image' as const, data: png, mimeType: 'image/png' };
const embedded = (uri: string, mimeType: string, value: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: value },
});

/** What is sent on the way to an answer must come in order: each is awaited before the next. */
type Answer = (
  context: ServerContext,
  args: Readonly<Record<string, unknown>>,
) => CallToolResult['content'] | Promise<CallToolResult['content']>;

/** A question that no answer reaches must not hold the suite up for the SDK's minute. */
const waitMs = { timeout: 500 };

const tools: Readonly<Record<string, Answer>> = {
  test_simple_text: () => [text('This is a simple text response for testing.')],
  test_image_content: () => [image],
  test_audio_content: () => [{ type: 'audio', data: wav, mimeType: 'audio/wav' }],
  test_embedded_resource: () => [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  test_multiple_content_types: () => [
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
  async test_tool_with_logging({ mcpReq }) {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed'])
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
    return [text('logged')];
  },
  async test_tool_with_progress({ mcpReq }) {
    const progressToken = mcpReq._meta?.progressToken ?? 'none';
    for (const progress of [0, 50, 100])
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
    return [text('told')];
  },
  // Nothing to reconnect to: the stream of a call is not kept for a second look.
  test_reconnection: () => [text('not cut')],
  test_error_handling: () => {
    throw new Error('This tool intentionally returns an error for testing');
  },
  async test_sampling({ mcpReq }, { prompt }) {
    const messages = [{ role: 'user' as const, content: text(String(prompt)) }];
    const { content } = await mcpReq.send({ method: 'sampling/createMessage', params: { messages, maxTokens: 100 } }, waitMs);
    return [text(`LLM response: ${JSON.stringify(content)}`)];
  },
  ...Object.fromEntries(
    Object.entries(elicitations).map(([name, requestedSchema]): [string, Answer] => [
      name,
      async ({ mcpReq }) => {
        const answer = await mcpReq.send({ method: 'elicitation/create', params: { message: 'Please answer', requestedSchema } }, waitMs);
        return [text(`Elicitation completed: ${JSON.stringify(answer)}`)];
      },
    ]),
  ),
};

const schema2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: { address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
};

const listed = [
  ...Object.keys(tools).map((name) => ({ name, description: `Fixture ${name}`, inputSchema: { type: 'object' as const } })),
  { name: 'json_schema_2020_12_tool', description: 'Tool with JSON Schema 2020-12 features', inputSchema: schema2020 },
];

async function call(name: string, context: ServerContext, args: Readonly<Record<string, unknown>>): Promise<CallToolResult> {
  try {
    const answer = tools[name];
    if (answer === undefined) throw new Error(`there is no tool ${name}`);
    return { content: await answer(context, args) };
  } catch (error) {
    // Nobody answered. Told as a result of the tool, that would pass: the scenarios only see that there is one.
    if (error instanceof SdkError) throw error;
    return { isError: true, content: [text(error instanceof Error ? error.message : String(error))] };
  }
}

function read(uri: string): ReadResourceResult {
  if (uri === 'test://static-text')
    return { contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] };
  if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: png }] };
  const [, id] = /^test:\/\/template\/(\w+)\/data$/.exec(uri) ?? [];
  if (id === undefined) throw new ResourceNotFoundError(uri);
  const value = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: 'application/json', text: value }] };
}

const say = (...contents: readonly GetPromptResult['messages'][number]['content'][]): GetPromptResult => ({
  messages: contents.map((content) => ({ role: 'user', content })),
});

const prompts: Readonly<Record<string, (given: Readonly<Record<string, string>>) => GetPromptResult>> = {
  test_simple_prompt: () => say(text('This is a simple prompt for testing.')),
  test_prompt_with_arguments: ({ arg1, arg2 }) => say(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  test_prompt_with_embedded_resource: ({ resourceUri = '' }) =>
    say(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), text('Please process the embedded resource above.')),
  test_prompt_with_image: () => say(image, text('Please analyze the image above.')),
};

export function createFixtures(): Server {
  const capabilities = { tools: {}, resources: {}, prompts: {}, logging: {}, completions: {} };
  const server = new Server({ name: 'troupe-fixtures', version: '0.0.0' }, { capabilities });
  server.setRequestHandler('tools/list', () => ({ tools: listed }));
  server.setRequestHandler('tools/call', ({ params }, context) => call(params.name, context, params.arguments ?? {}));
  server.setRequestHandler('resources/list', () => ({
    resources: ['test://static-text', 'test://static-binary'].map((uri) => ({ uri, name: uri, description: `Fixture ${uri}` })),
  }));
  server.setRequestHandler('resources/read', ({ params }) => read(params.uri));
  server.setRequestHandler('prompts/list', () => ({
    prompts: Object.keys(prompts).map((name) => ({ name, description: `Fixture ${name}` })),
  }));
  server.setRequestHandler('prompts/get', ({ params }) => {
    const prompt = prompts[params.name];
    if (prompt === undefined) throw new Error(`there is no prompt ${params.name}`);
    return prompt(params.arguments ?? {});
  });
  server.setRequestHandler('completion/complete', () => ({ completion: { values: [], total: 0, hasMore: false } }));
  return server;
}
