import { createWebSocketReceiver } from '@statelyai/inspect';
import type { StatelyActorEvent, StatelyEventEvent, StatelyInspectionEvent, StatelySnapshotEvent } from '@statelyai/inspect';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import type { Address } from '../stream/service.ts';

/** The receiver of `@statelyai/inspect` itself, at a service's `/inspect`. */

export type Frame = StatelyInspectionEvent;

export const isActor = (frame: Frame): frame is StatelyActorEvent => frame.type === '@xstate.actor';
export const isEvent = (frame: Frame): frame is StatelyEventEvent => frame.type === '@xstate.event';
export const isSnapshot = (frame: Frame): frame is StatelySnapshotEvent => frame.type === '@xstate.snapshot';

/** What a frame says of the state; undefined for an event. */
export const valueOf = (frame: Frame): unknown => (isEvent(frame) ? undefined : (frame.snapshot as { value?: unknown }).value);
export const contextOf = (frame: Frame): unknown => (isEvent(frame) ? undefined : (frame.snapshot as { context?: unknown }).context);

const deadlineMs = 10_000;

export class Receiver {
  readonly frames: Frame[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(url: string) {
    createWebSocketReceiver({ server: url }).subscribe((frame) => {
      this.frames.push(frame);
      for (const look of this.#watchers) look();
    });
  }

  of(sessionId: string): Frame[] {
    return this.frames.filter((frame) => frame.sessionId === sessionId);
  }

  /** What an inspector shows of an actor now. */
  state(sessionId: string): unknown {
    return valueOf(
      this.frames.findLast((frame) => frame.sessionId === sessionId && !isEvent(frame)) ?? ({ type: '@xstate.event' } as Frame),
    );
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`not within ${deadlineMs} ms; ${this.frames.length} frames came`));
      }, deadlineMs);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

export async function ticketUrl(client: Client, service: Address, query: Readonly<Record<string, string>> = {}): Promise<string> {
  const { ticket } = await client.request('inspection.ticket', {});
  return `${inspectUrl(service)}?${new URLSearchParams({ ...query, ticket }).toString()}`;
}

export const inspectUrl = ({ url }: Pick<Address, 'url'>): string => url.replace(/\/ws$/, '/inspect');

/** A receiver that came with a ticket of its own. */
export async function inspect(client: Client, service: Address, query: Readonly<Record<string, string>> = {}): Promise<Receiver> {
  return new Receiver(await ticketUrl(client, service, query));
}

export const enter = ({ url, token }: Address): Promise<Client> => connect(url, token, { worker: 'w' });
