import type * as Views from './views.ts';

let part = $state.raw<typeof Views | null>(null);
let hasFailed = $state(false);
let loading: Promise<void> | null = null;

/** The views that are not the first, loaded when one of them is first shown. */
export const views = {
  get part() {
    loading ??= import('./views.ts').then(
      (loaded) => void (part = loaded),
      () => void (hasFailed = true),
    );
    return part;
  },
  get hasFailed() {
    return hasFailed;
  },
};
