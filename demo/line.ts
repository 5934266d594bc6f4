import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, RefusedError } from '../test/support/client.ts';
import type { Client, ClientMethod, Params, Result } from '../test/support/client.ts';
import type { Service } from './service.ts';

/**
 * A line to the service that outlives it: when the connection is lost it is made again, and what was not answered is sent again
 * with the same command id, so that nothing is lost and nothing is done twice.
 */
export class Line {
  readonly #service: Service;
  readonly #worker: string;
  #client: Promise<Client> | null = null;
  #closed = false;

  constructor(service: Service, worker: string) {
    this.#service = service;
    this.#worker = worker;
  }

  /** A new connection when the last one is gone. Waits for a service that is starting. */
  async client(): Promise<Client> {
    for (;;) {
      if (this.#closed) throw new Error('the line is closed');
      this.#client ??= connect(this.#service.url, this.#service.token, { worker: this.#worker });
      const made = this.#client;
      try {
        const client = await made;
        void client.closed.then(() => {
          if (this.#client === made) this.#client = null;
        });
        return client;
      } catch {
        this.#client = null;
        await pause(100);
      }
    }
  }

  read<M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.#send(method, params);
  }

  command<M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.#send(method, { ...params, commandId: randomUUID() });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#client)?.close();
  }

  async #send<M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    for (;;) {
      const client = await this.client();
      try {
        return await client.request(method, params);
      } catch (error) {
        if (error instanceof RefusedError && error.data['retryable'] !== true) throw error;
        if (error instanceof RefusedError && error.reason === 'NOTHING_READY') throw error;
        await pause(50);
      }
    }
  }
}
