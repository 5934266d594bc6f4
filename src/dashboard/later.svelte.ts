/** A part of the page that is loaded when it is first shown. */
function later<T>(load: () => Promise<T>): { readonly part: T | null; readonly hasFailed: boolean } {
  let part = $state.raw<T | null>(null);
  let hasFailed = $state(false);
  let loading: Promise<void> | null = null;
  return {
    get part() {
      loading ??= load().then(
        (loaded) => void (part = loaded),
        () => void (hasFailed = true),
      );
      return part;
    },
    get hasFailed() {
      return hasFailed;
    },
  };
}

export const aside = later(() => import('./shell/aside.ts'));
export const views = later(() => import('./views.ts'));
