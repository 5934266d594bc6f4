import { derived, readable } from 'svelte/store';
import { useSelector } from '@xstate/store-svelte';
import { store } from '../store.ts';

const prefersDark = readable(false, (set) => {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const tell = (): void => set(query.matches);
  tell();
  query.addEventListener('change', tell);
  return () => query.removeEventListener('change', tell);
});

const theme = useSelector(store, ({ context }) => context.theme);

/** The theme that was chosen, else the system's. */
export const isDark = derived([theme, prefersDark], ([chosen, systems]) => (chosen === 'system' ? systems : chosen === 'dark'));
