import { readFile } from 'node:fs/promises';
import { inject, onTestFinished } from 'vitest';
import { setScene } from '../../demo/scene.ts';
import type { Scene } from '../../demo/scene.ts';
import { createTroupe } from '../../src/server.ts';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

/** A real service with the page, and what goes on in it. */
export interface World {
  readonly data: string;
  readonly url: string;
  readonly http: string;
  readonly token: string;
  /** What it logged, as text. */
  readonly lines: readonly string[];
  /** Of the page, with the token; the query before it chooses what is shown. */
  link(search?: string): string;
  /** A connection of its own, closed when the test ends. */
  worker(name: string): Promise<Client>;
}

export async function serve(): Promise<World> {
  const data = await temporaryDirectory();
  const lines: string[] = [];
  const write = (facts: unknown, message?: string): void => void lines.push(`${JSON.stringify(facts)} ${message ?? ''}`);
  const troupe = await createTroupe({
    data,
    port: 0,
    page: inject('page'),
    logger: { debug: write, info: write, warn: write, error: write },
  });
  onTestFinished(() => troupe.close());
  const { url, http } = troupe;
  const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
  return {
    data,
    url,
    http,
    token,
    lines,
    link: (search = '') => `${http}/${search}#token=${token}`,
    worker: (name) => connect(url, token, { worker: name }),
  };
}

/** Two plans and some single tasks, in every state. */
export const fill = ({ worker }: World): Promise<Scene> => setScene(new URL('../../fixtures/plans/', import.meta.url), worker);
