import { describe, expect, it } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { acceptingOf, courseOf, plansOf, runAll, waveOf } from '../../src/dashboard/list/bulk.ts';
import { mapOf, rowOf } from './named.ts';
import type { Course, Progress } from '../../src/dashboard/list/bulk.ts';
import type { Row } from '../../src/dashboard/row.ts';

const child = (id: string, parentId: string, given: Partial<Row> = {}): Row =>
  rowOf(id, { parentId: parentId as Row['id'], rootId: 'root', ...given });
const tree = [rowOf('root'), child('mid', 'root'), child('leaf', 'mid'), child('other', 'root')];
const parentIn = (rows: ReadonlyMap<string, Row>) => (id: string) => rows.get(id)?.parentId;

interface Sending {
  readonly rows?: readonly Row[];
  readonly course?: Course;
  readonly signal?: AbortSignal;
  send(row: Row): Promise<readonly string[]>;
}
const run = (
  { rows = tree, course = 'any', signal = new AbortController().signal, send }: Sending,
  onProgress = (_: Progress): void => {},
) => runAll({ rows, course, parentOf: parentIn(mapOf(tree)), send, signal, onProgress });
const many = (count: number): Row[] => Array.from({ length: count }, (_, index) => rowOf(`t${index}`));

describe('what many tasks accept', () => {
  it('is what each says itself', () => {
    const rows = [rowOf('a', { allowed: ['RETRY'] }), rowOf('b', { allowed: ['CANCEL', 'START'] }), rowOf('c', { allowed: [] })];
    expect(acceptingOf(rows, 'retry').map(({ id }) => id)).toEqual(['a']);
    expect(acceptingOf(rows, 'cancel').map(({ id }) => id)).toEqual(['b']);
    expect(acceptingOf(rows, 'archive')).toEqual([]);
  });

  it('is told by plan, the most concerned first', () => {
    expect(plansOf([rowOf('lone'), ...tree])).toEqual([
      { rootId: 'root', count: 4 },
      { rootId: 'lone', count: 1 },
    ]);
  });
});

describe('the order of many commands', () => {
  const wave = (course: Course, rows = tree): string[] => waveOf(mapOf(rows), course, parentIn(mapOf(tree))).map(({ id }) => id);

  it('has parents first where they take along what is below them', () => {
    expect(courseOf('archive', false)).toBe('parents first');
    expect(courseOf('cancel', true)).toBe('parents first');
    expect(wave('parents first')).toEqual(['root']);
    // The one between is not among them.
    expect(wave('parents first', [child('leaf', 'mid'), rowOf('root')])).toEqual(['root']);
  });

  it('has children first where open ones hold their parent back', () => {
    expect(courseOf('cancel', false)).toBe('children first');
    expect(wave('children first')).toEqual(['leaf', 'other']);
  });
});

describe('a run over many tasks', () => {
  it('counts those that went along with a parent and sends nothing for them', async () => {
    const sent: string[] = [];
    const send = async (row: Row): Promise<readonly string[]> => {
      sent.push(row.id);
      return ['root', 'mid', 'leaf', 'other', 'not meant'];
    };
    const { total, done, refused } = await run({ course: 'parents first', send });
    expect({ total, done: [...done], refused }).toEqual({ total: 4, done: ['root', 'mid', 'leaf', 'other'], refused: [] });
    expect(sent).toEqual(['root']);
  });

  it('sends children for themselves when their parent was refused', async () => {
    const send = async ({ id }: { readonly id: string }): Promise<readonly string[]> => {
      if (id === 'root') throw new TroupeError('CHILDREN_UNFINISHED', 'one is open');
      return id === 'mid' ? ['mid', 'leaf'] : [];
    };
    const { done, refused } = await run({ course: 'parents first', send });
    expect([...done].sort()).toEqual(['leaf', 'mid', 'other']);
    expect(refused.map(({ row, error }) => [row.id, error.reason])).toEqual([['root', 'CHILDREN_UNFINISHED']]);
  });

  it('has eight commands on their way at most, and tells of every answer', async () => {
    let flying = 0;
    let most = 0;
    const heard: number[] = [];
    const send = async (): Promise<readonly string[]> => {
      flying += 1;
      most = Math.max(most, flying);
      await Promise.resolve();
      flying -= 1;
      return [];
    };
    await run({ rows: many(50), send }, ({ done }) => heard.push(done.size));
    expect(most).toBe(8);
    expect(heard).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('sends nothing more once it is stopped, and counts what was withdrawn neither as done nor as refused', async () => {
    const stopping = new AbortController();
    let sent = 0;
    const send = async (): Promise<readonly string[]> => {
      sent += 1;
      if (sent === 20) stopping.abort();
      await Promise.resolve();
      if (stopping.signal.aborted) throw new TroupeError('CANCELLED', 'the call was withdrawn');
      return [];
    };
    const { done, refused } = await run({ rows: many(50), signal: stopping.signal, send });
    expect(sent).toBe(20);
    expect(done.size).toBeLessThan(20);
    expect(refused).toEqual([]);
  });
});
