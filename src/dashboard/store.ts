import { createStore } from '@xstate/store';
import { parseRoute } from './route.ts';
import type { TroupeError } from '../errors.ts';
import type { LinkState } from '../client/link.ts';
import type { Route } from './route.ts';

/** How far the list of tasks is: `loading` at first, `live`, or `lost` while there is no connection. */
export type TasksState = 'loading' | 'live' | 'lost';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Told to the person until it is put away. */
export interface Notice {
  readonly id: number;
  readonly title: string;
  /** Null for good news. */
  readonly error: TroupeError | null;
}

export interface PageState {
  /** Whether there is a token to connect with. */
  readonly hasToken: boolean;
  readonly connection: LinkState;
  /** How long the service took to answer the last ping; null without a connection. */
  readonly lagMs: number | null;
  readonly tasks: {
    readonly state: TasksState;
    /** Raised with every change of any row; the rows themselves are in the live view. */
    readonly version: number;
    /** How many there are, when there are more than are held. */
    readonly beyond: number | null;
  };
  readonly route: Route;
  readonly theme: Theme;
  readonly help: boolean;
  readonly notices: readonly Notice[];
  /** Tasks that were picked in the list, to do something with all of them. */
  readonly picked: ReadonlySet<string>;
}

const kept = (name: string): string | null => localStorage.getItem(`troupe.${name}`);

const initial: PageState = {
  hasToken: false,
  connection: { status: 'connecting' },
  lagMs: null,
  tasks: { state: 'loading', version: 0, beyond: null },
  route: parseRoute(location.search),
  theme: themes.find((theme) => theme === kept('theme')) ?? 'system',
  help: false,
  notices: [],
  picked: new Set<string>(),
};

/** Everything that the page knows beside the tasks. */
export const store = createStore({
  context: initial,
  on: {
    tokenTaken: (context, { hasToken }: { hasToken: boolean }) => ({ ...context, hasToken }),
    connectionChanged: (context, { connection }: { connection: LinkState }) => ({
      ...context,
      connection,
      lagMs: connection.status === 'open' ? context.lagMs : null,
    }),
    lagMeasured: (context, { lagMs }: { lagMs: number }) => ({ ...context, lagMs }),
    tasksChanged: (context, { state, beyond }: { state: TasksState; beyond: number | null }) => ({
      ...context,
      tasks: { state, version: context.tasks.version + 1, beyond },
    }),
    routed: (context, { route }: { route: Route }) => ({ ...context, route }),
    themed: (context, { theme }: { theme: Theme }) => ({ ...context, theme }),
    helpToggled: (context) => ({ ...context, help: !context.help }),
    noticed: (context, { notice }: { notice: Notice }) => ({ ...context, notices: [...context.notices.slice(-3), notice] }),
    noticeDismissed: (context, { id }: { id: number }) => ({ ...context, notices: context.notices.filter((one) => one.id !== id) }),
    picked: (context, { ids }: { ids: ReadonlySet<string> }) => ({ ...context, picked: ids }),
  },
});

/** Whether what is shown may be changed from here. */
export const canWrite = ({ route, connection }: PageState): boolean =>
  !route.readOnly && connection.status === 'open' && connection.hello.scopes.includes('write');
