import { WebSocket } from 'ws';

/** The load of a measurement: connections that each keep a number of whole lives under way. */

export interface Load {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly inFlight: number;
  readonly lives: number;
  readonly workBytes: number;
  /** Creates below this task instead of as roots. */
  readonly parentId?: string;
}

export interface LoadResult {
  readonly commands: number;
  readonly seconds: number;
  /** Milliseconds from request to answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly task: { readonly id: string } };
  readonly error?: { readonly message: string };
}

/** A connection that parses no more than it must, so that the server is what is measured. */
export class LeanClient {
  readonly #ws: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #next = 1;

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      const resolve = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      resolve?.(answer);
    });
  }

  static async connect(url: string, token: string, worker: string): Promise<LeanClient> {
    const ws = new WebSocket(url, 'troupe.v1', { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => ws.once('open', resolve).once('error', reject));
    const client = new LeanClient(ws);
    await client.request('session.hello', { token, worker });
    return client;
  }

  async request(method: string, params: object): Promise<NonNullable<Answer['result']>> {
    const id = this.#next++;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#ws.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
    if (answer.result === undefined) throw new Error(answer.error?.message ?? 'no result');
    return answer.result;
  }

  close(): void {
    this.#ws.close();
  }
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export async function run(load: Load): Promise<LoadResult> {
  const clients = await Promise.all(
    Array.from({ length: load.connections }, (_, index) => LeanClient.connect(load.url, load.token, `w${index}`)),
  );
  const report = 'All work and no play makes a long report. '.repeat(Math.ceil(load.workBytes / 42));
  // Every life's work is its own: the same again would be stored once.
  const workOf = (commandId: string) => `${commandId} ${report}`.slice(0, load.workBytes);
  const batch = Math.random().toString(36).slice(2, 8);
  const took: number[] = [];
  let left = load.lives;
  const timed = async (client: LeanClient, method: string, params: object) => {
    const start = performance.now();
    const result = await client.request(method, params);
    took.push(performance.now() - start);
    return result;
  };
  const lane = async (client: LeanClient, name: string) => {
    for (let life = 0; left-- > 0; life++) {
      const commandId = `${batch}-${name}-${life}`;
      const below = load.parentId === undefined ? {} : { parentId: load.parentId };
      const { task } = await timed(client, 'task.create', {
        commandId: `${commandId}-a`,
        title: `Task ${commandId}`,
        description: 'Do it',
        ...below,
      });
      await timed(client, 'task.execute', { commandId: `${commandId}-b`, taskId: task.id });
      await timed(client, 'task.complete', {
        commandId: `${commandId}-c`,
        taskId: task.id,
        summary: 'done',
        detailedWork: workOf(commandId),
      });
    }
  };
  const start = performance.now();
  await Promise.all(
    clients.flatMap((client, index) => Array.from({ length: load.inFlight }, (_, slot) => lane(client, `${index}-${slot}`))),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const client of clients) client.close();
  took.sort((a, b) => a - b);
  return { commands: took.length, seconds, p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99) };
}
