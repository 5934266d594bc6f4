import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

/** The baseline: a server on the same SDK, as people write them, that keeps tasks in a map: `mcp-map-server.js [TASKS]`. */

interface Task {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  status: string;
}

const tasks = new Map<string, Task>();

function make(title: string, description: string): Task {
  const task = { id: randomUUID(), title, description, status: 'pending' };
  tasks.set(task.id, task);
  return task;
}

for (let n = 0; n < Number(process.argv[2] ?? 0); n += 1) make(`Ledger ${n} of the year`, 'Read it, row by row.');

const answer = <T extends Record<string, unknown>>(data: T) => ({
  content: [{ type: 'text' as const, text: JSON.stringify(data) }],
  structuredContent: data,
});

/** About as long as what a specialist is told. */
const context = '# Role\n\nYou write code that others can read, and you test it before you hand it on.\n'.repeat(30);
const steps = ['Read the context before you start.', 'Report what you find.', 'Complete the task with a summary and the whole work.'];

function createServer(): McpServer {
  const server = new McpServer({ name: 'map', version: '1.0.0' });
  server.registerTool(
    'orchestrator_plan_task',
    {
      title: 'Plan a task',
      description: 'Makes a task.',
      inputSchema: z.object({ title: z.string().min(1).max(255), description: z.string(), specialist_type: z.string().optional() }),
      outputSchema: z.object({
        success: z.boolean(),
        operation: z.string(),
        task_id: z.string(),
        title: z.string(),
        description: z.string(),
        status: z.string(),
        created_at: z.string(),
        message: z.string(),
        next_steps: z.array(z.string()),
      }),
    },
    ({ title, description }) => {
      const { id, status } = make(title, description);
      return answer({
        success: true,
        operation: 'create_task',
        task_id: id,
        title,
        description,
        status,
        created_at: new Date().toISOString(),
        message: 'the task is planned',
        next_steps: [`claim it with orchestrator_execute_task ${id}`],
      });
    },
  );
  server.registerTool(
    'orchestrator_execute_task',
    {
      title: 'Execute a task',
      description: 'Claims a task and answers with the context and instructions.',
      inputSchema: z.object({ task_id: z.string() }),
      outputSchema: z.object({
        status: z.string(),
        task_id: z.string(),
        task_title: z.string(),
        task_description: z.string(),
        lease_id: z.string(),
        specialist_context: z.object({ role: z.string(), text: z.string() }),
        execution_instructions: z.array(z.string()),
        next_steps: z.array(z.string()),
      }),
    },
    ({ task_id: id }) => {
      const task = tasks.get(id);
      if (task?.status !== 'pending') return { isError: true, content: [{ type: 'text', text: `task ${id} can't be executed` }] };
      task.status = 'in_progress';
      return answer({
        status: 'ready_for_execution',
        task_id: id,
        task_title: task.title,
        task_description: task.description,
        lease_id: randomUUID(),
        specialist_context: { role: 'generic', text: context },
        execution_instructions: steps,
        next_steps: [`end it with orchestrator_complete_task ${id}`],
      });
    },
  );
  return server;
}

serveStdio(createServer);
