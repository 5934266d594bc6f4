import { useSelector } from '@xstate/store-svelte';
import { canWrite, store } from './store.ts';

let context = $state.raw(store.getSnapshot().context);
useSelector(store, (state) => state.context).subscribe((now) => (context = now));

/** The time, coarsely: ages need no more, and every tick is drawn. */
let time = $state(Date.now());
setInterval(() => (time = Date.now()), 5_000);

const hasToken = $derived(context.hasToken);
const theme = $derived(context.theme);
const help = $derived(context.help);
const connection = $derived(context.connection);
const lagMs = $derived(context.lagMs);
const tasks = $derived(context.tasks);
const route = $derived(context.route);
const notices = $derived(context.notices);
const picked = $derived(context.picked);
const mayWrite = $derived(canWrite(context));

/** The store as components read it: whoever reads a member is drawn anew when that member changes. */
export const page = {
  get hasToken() {
    return hasToken;
  },
  get theme() {
    return theme;
  },
  get help() {
    return help;
  },
  get connection() {
    return connection;
  },
  get lagMs() {
    return lagMs;
  },
  get tasks() {
    return tasks;
  },
  get route() {
    return route;
  },
  get notices() {
    return notices;
  },
  get picked() {
    return picked;
  },
  get mayWrite() {
    return mayWrite;
  },
  get time() {
    return time;
  },
};
