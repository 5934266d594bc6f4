import { connect, TroupeError } from 'troupe/client';
import type { Client } from 'troupe/client';

/** Compiled against the installed package as for a browser: no types of Node, no ws. */

const client: Client = connect({ url: location.origin, token: sessionStorage.getItem('token') ?? '' });

export async function show(list: HTMLElement): Promise<void> {
  try {
    const view = await client.view({ filter: {}, fields: ['title', 'status'] });
    view.subscribe(() => list.replaceChildren(...[...view.items.values()].map(({ title }) => new Text(title))));
  } catch (error) {
    if (error instanceof TroupeError) list.textContent = `${error.reason}: ${error.fix}`;
  }
}
