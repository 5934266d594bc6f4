import type { Link } from '../client/link.ts';
import { createLink } from '../client/node.ts';
import { discover } from './discover.ts';
import type { Found } from './discover.ts';
import { findOwner } from './owner.ts';
import type { OwnerOptions } from './owner.ts';
import { workerName } from './worker.ts';

export interface OpenLinkOptions extends OwnerOptions {
  /** As given by `--data`; found when it is left out. */
  readonly data?: string | undefined;
  /** As given by `--worker`; made when it is left out. */
  readonly worker?: string | undefined;
  readonly client: { readonly name: string; readonly version: string };
}

export interface OpenedLink {
  readonly link: Link;
  /** The data directory, and a line for people that says why this one. */
  readonly data: Found;
  /** The holder of the leases that are got over this link, behind the token's name. */
  readonly worker: string;
}

/**
 * The way to the service for a process that does not own the data: finds the data directory and the service that owns it, starts one
 * when there is none, and again when it dies. Nothing is started before the first call. `link.close()` ends it.
 */
export function openLink(options: OpenLinkOptions): OpenedLink {
  const { client } = options;
  const data = discover(options.data);
  const worker = workerName(options.worker, client.name);
  const link = createLink({ address: (signal) => findOwner(data.directory, signal, options), client, worker });
  return { link, data, worker };
}
