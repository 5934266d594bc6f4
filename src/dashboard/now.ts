import { readable } from 'svelte/store';

/** The time, coarsely: ages need no more, and every tick is drawn. */
export const now = readable(Date.now(), (set) => {
  const timer = setInterval(() => set(Date.now()), 5_000);
  return () => clearInterval(timer);
});
