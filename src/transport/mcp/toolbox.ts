import { addNote, cancelTask, deleteTask, updateDependencies, updateTask } from './tools/editing.ts';
import { claimTask, executeTask } from './tools/claiming.ts';
import { completeTask, failTask, reportProgress } from './tools/working.ts';
import { getTask, nextTask, queryTasks } from './tools/finding.ts';
import { getStatus } from './tools/overview.ts';
import { planTask } from './tools/planning.ts';
import { answerQuestion, askQuestion } from './tools/questions.ts';
import { getArtifact, synthesizeResults } from './tools/results.ts';
import type { Tool } from './tool.ts';

/** core: the tools that work needs. all: every tool. A call by name works for every tool in both. */
export type Toolset = 'core' | 'all';

const taskTools: readonly Tool[] = [
  planTask,
  nextTask,
  claimTask,
  executeTask,
  reportProgress,
  completeTask,
  failTask,
  askQuestion,
  answerQuestion,
  addNote,
  getTask,
  queryTasks,
  updateTask,
  getArtifact,
  getStatus,
  cancelTask,
  deleteTask,
  updateDependencies,
  synthesizeResults,
];

/** Read when one of them is first asked for: most agents need none, and all wait for their first answer. */
const allTools = async (): Promise<readonly Tool[]> => [...taskTools, ...(await import('./tools/others.ts')).otherTools];

const named = (tools: readonly Tool[], name: string): Tool | undefined => tools.find((tool) => tool.name === name);

export const toolOf = async (name: string): Promise<Tool | undefined> => named(taskTools, name) ?? named(await allTools(), name);

export const toolsOf = async (toolset: Toolset): Promise<readonly Tool[]> =>
  toolset === 'all' ? allTools() : taskTools.filter(({ core }) => core);

/** Names that share the most words with a wrong one. */
export async function namesNear(wrong: string): Promise<string[]> {
  const words = new Set(wrong.toLowerCase().split(/[^a-z]+/));
  const shared = (name: string): number => name.split('_').filter((word) => words.has(word)).length;
  const names = (await allTools()).map(({ name }) => name);
  return names.toSorted((a, b) => shared(b) - shared(a)).slice(0, 3);
}
