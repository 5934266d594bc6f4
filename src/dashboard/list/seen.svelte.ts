import { onMount } from 'svelte';

/** What is seen of a long list, and whether it has little room. For the script of a component. */
export function seenOf(body: () => HTMLElement | undefined, onscroll: () => void = () => {}) {
  /** How far the first row is above the upper edge. */
  let above = $state(0);
  let height = $state(800);
  let isNarrow = $state(false);
  const scroller = (): HTMLElement | null => body()?.closest('main') ?? null;

  function measure(): void {
    const [list, main] = [body(), scroller()];
    if (list === undefined || main === null) return;
    above = main.getBoundingClientRect().top - list.getBoundingClientRect().top;
    height = main.clientHeight;
  }

  onMount(() => {
    const main = scroller();
    const around = body()?.parentElement;
    const narrow = matchMedia('(max-width: 860px)');
    const tell = (): void => void (isNarrow = narrow.matches);
    const scrolled = (): void => {
      measure();
      onscroll();
    };
    const watching = new ResizeObserver(measure);
    for (const element of [main, around]) if (element != null) watching.observe(element);
    main?.addEventListener('scroll', scrolled, { passive: true });
    narrow.addEventListener('change', tell);
    tell();
    measure();
    return () => {
      watching.disconnect();
      main?.removeEventListener('scroll', scrolled);
      narrow.removeEventListener('change', tell);
    };
  });

  return {
    get above() {
      return above;
    },
    get height() {
      return height;
    },
    get isNarrow() {
      return isNarrow;
    },
    scroller,
    measure,
  };
}
