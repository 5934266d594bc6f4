/** What of the drawn machine is lit for a task: where it is, and what it accepts there. */

export interface Standing {
  readonly status: string;
  readonly allowed: readonly string[];
}

/** Callers know the ways to complete by one name, so `COMPLETE` lights `COMPLETE.blocked` too. */
const accepts = ({ allowed }: Standing, event: string): boolean => allowed.includes(event) || allowed.includes(event.replace(/\..*$/, ''));

/** What an element of the diagram says of itself. */
export interface Drawn {
  readonly state?: string | undefined;
  readonly event?: string | undefined;
  readonly from?: string | undefined;
}

export const isLit = (standing: Standing, { state, event, from }: Drawn): boolean =>
  event === undefined ? state === standing.status : from === standing.status && accepts(standing, event);
