import { randomId } from '../client/random-id.ts';

/** The token of this tab. It comes in the link's fragment, which no server is sent, and is kept for the tab alone. */

const key = 'troupe.token';

/** Takes the token out of the address bar, so that it is in no history, bookmark or screenshot; else the one that the tab has. */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return sessionStorage.getItem(key);
  history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  keepToken(given);
  return given;
}

export const keepToken = (token: string): void => sessionStorage.setItem(key, token);
export const forgetToken = (): void => sessionStorage.removeItem(key);

/** Who holds the leases of what a person executes here; the same after a reload. */
export function workerOfTab(): string {
  const known = sessionStorage.getItem('troupe.worker');
  if (known !== null) return known;
  const made = `page-${randomId().slice(0, 8)}`;
  sessionStorage.setItem('troupe.worker', made);
  return made;
}
