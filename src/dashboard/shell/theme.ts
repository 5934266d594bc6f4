import { createAtom } from '@xstate/store';
import { store } from '../store.ts';

const query = matchMedia('(prefers-color-scheme: dark)');
const prefersDark = createAtom(query.matches);
query.addEventListener('change', () => prefersDark.set(query.matches));

/** The theme that was chosen, else the system's. */
const isDark = createAtom(() => {
  const { theme } = store.get().context;
  return theme === 'system' ? prefersDark.get() : theme === 'dark';
});

export function showTheme(): void {
  const show = (is: boolean): void => {
    document.documentElement.dataset['theme'] = is ? 'dark' : 'light';
  };
  show(isDark.get());
  isDark.subscribe(show);
}
