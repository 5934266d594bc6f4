import { installationStatus, installExamples, installLibrary, validateAllTemplates } from './library.ts';
import { maintenanceCoordinator } from './maintenance.ts';
import { restartServer, restartStatus } from './restart.ts';
import { healthCheck, reconnectTest, shutdownPrepare } from './service.ts';
import { cleanupSessions, listSessions, sessionStatus } from './session-list.ts';
import { completeSession, initializeSession, pauseSession, resumeSession } from './sessions.ts';
import {
  createTemplate,
  deleteTemplate,
  instantiateTemplate,
  listTemplates,
  loadTemplate,
  templateInfo,
  uninstallTemplate,
  validateTemplate,
} from './templates.ts';
import type { Tool } from '../tool.ts';

/** Tools beyond those that tasks need, of which none is in the core. */
export const otherTools: readonly Tool[] = [
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
