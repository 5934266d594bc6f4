import { edgeId } from './layout.ts';

/** What of a machine's diagram is lit for one actor. Pure, and of types alone, so that a page can have it without the machines. */

export interface Lit {
  /** `data-state` of the state that it is in. */
  readonly state: string;
  /** `data-edge` of the arrows that it can take now. */
  readonly edges: readonly string[];
  /** `data-event` of what it accepts now; those with `data-from` of its state are lit. */
  readonly events: readonly string[];
}

interface Ways {
  readonly transitions: readonly { readonly from: string; readonly event: string; readonly to: string }[];
}

/** Callers know the four ways to complete by one name, so `COMPLETE` lights `COMPLETE.blocked` too. */
const callersName = (event: string): string => event.replace(/\..*$/, '');

/** `machine`: what `machine.get` answers. `allowed`: the actor's own list, which says what it accepts of what its state knows. */
export function lit({ transitions }: Ways, { status, allowed }: { readonly status: string; readonly allowed: readonly string[] }): Lit {
  const open = transitions.filter(
    ({ from, event }) => from === status && (allowed.includes(event) || allowed.includes(callersName(event))),
  );
  return {
    state: status,
    edges: [...new Set(open.filter(({ from, to }) => from !== to).map(edgeId))],
    events: [...new Set(open.map(({ event }) => event))],
  };
}
