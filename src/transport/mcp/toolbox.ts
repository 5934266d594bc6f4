import { addNote, cancelTask, deleteTask, updateDependencies, updateTask } from './tools/editing.ts';
import { claimTask, completeTask, executeTask, failTask, reportProgress } from './tools/executing.ts';
import { getTask, nextTask, queryTasks } from './tools/finding.ts';
import { getStatus } from './tools/overview.ts';
import { installationStatus, installExamples, installLibrary, validateAllTemplates } from './tools/library.ts';
import { maintenanceCoordinator } from './tools/maintenance.ts';
import { planTask } from './tools/planning.ts';
import { answerQuestion, askQuestion } from './tools/questions.ts';
import { restartServer, restartStatus } from './tools/restart.ts';
import { getArtifact, synthesizeResults } from './tools/results.ts';
import { healthCheck, reconnectTest, shutdownPrepare } from './tools/service.ts';
import { cleanupSessions, listSessions, sessionStatus } from './tools/session-list.ts';
import { completeSession, initializeSession, pauseSession, resumeSession } from './tools/sessions.ts';
import {
  createTemplate,
  deleteTemplate,
  instantiateTemplate,
  listTemplates,
  loadTemplate,
  templateInfo,
  uninstallTemplate,
  validateTemplate,
} from './tools/templates.ts';
import type { Tool } from './tool.ts';

/** core: the tools that work needs. all: every tool. A call by name works for every tool in both. */
export type Toolset = 'core' | 'all';

const tools: readonly Tool[] = [
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
  initializeSession,
  listSessions,
  sessionStatus,
  resumeSession,
  pauseSession,
  completeSession,
  cleanupSessions,
  listTemplates,
  templateInfo,
  loadTemplate,
  instantiateTemplate,
  validateTemplate,
  createTemplate,
  deleteTemplate,
  installExamples,
  installLibrary,
  uninstallTemplate,
  installationStatus,
  validateAllTemplates,
  maintenanceCoordinator,
  healthCheck,
  shutdownPrepare,
  reconnectTest,
  restartServer,
  restartStatus,
];

const byName = new Map(tools.map((tool) => [tool.name, tool]));

export const toolOf = (name: string): Tool | undefined => byName.get(name);

export const toolsOf = (toolset: Toolset): readonly Tool[] => (toolset === 'all' ? tools : tools.filter(({ core }) => core));

/** Names that share the most words with a wrong one. */
export function namesNear(wrong: string): string[] {
  const words = new Set(wrong.toLowerCase().split(/[^a-z]+/));
  const shared = (name: string): number => name.split('_').filter((word) => words.has(word)).length;
  return [...byName.keys()].toSorted((a, b) => shared(b) - shared(a)).slice(0, 3);
}
