import { createAtom } from '@xstate/store';
import { useSelector } from '@xstate/store-svelte';

const time = createAtom(Date.now());
setInterval(() => time.set(Date.now()), 5_000);

/** The time, coarsely: ages need no more, and every tick is drawn. */
export const now = useSelector(time, (ms) => ms);
