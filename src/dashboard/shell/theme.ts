import { createAtom } from '@xstate/store';
import { useSelector } from '@xstate/store-svelte';
import { store } from '../store.ts';

const query = matchMedia('(prefers-color-scheme: dark)');
const prefersDark = createAtom(query.matches);
query.addEventListener('change', () => prefersDark.set(query.matches));

const dark = createAtom(() => {
  const { theme } = store.get().context;
  return theme === 'system' ? prefersDark.get() : theme === 'dark';
});

/** The theme that was chosen, else the system's. */
export const isDark = useSelector(dark, (is) => is);
