import { analyst } from './builtin/analyst.ts';
import { architect } from './builtin/architect.ts';
import { coder } from './builtin/coder.ts';
import { coordinator } from './builtin/coordinator.ts';
import { debuggerRole } from './builtin/debugger.ts';
import { devops } from './builtin/devops.ts';
import { documenter } from './builtin/documenter.ts';
import { generic } from './builtin/generic.ts';
import { implementer } from './builtin/implementer.ts';
import { optimizer } from './builtin/optimizer.ts';
import { researcher } from './builtin/researcher.ts';
import { reviewer } from './builtin/reviewer.ts';
import { tester } from './builtin/tester.ts';
import type { Role } from './role.ts';

/** The roles that every project has. A project's own files change or extend them by key. */
export const builtinRoles: readonly Role[] = [
  architect,
  implementer,
  coder,
  debuggerRole,
  tester,
  reviewer,
  documenter,
  researcher,
  analyst,
  coordinator,
  optimizer,
  devops,
  generic,
];
