import { rm } from 'node:fs/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { acknowledgedIn, faultsOf, workOf } from '../crash/lowdb-work.ts';
import { copyOf, createGate, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { cuts, powerCut, syncCount, takeOver } from '../support/simulated-disk.ts';
import type { Cut } from '../support/simulated-disk.ts';

vi.mock(import('node:fs/promises'), async (original) => {
  const { simulatedDisk } = await import('../support/simulated-disk.ts');
  return simulatedDisk(await original());
});

/** Power cuts without a disk of their own: a copy has only what was synced by then. */

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const trees = 16;
const mostCuts = 14;
const lanes = 3;

function cutNow(directory: string, cut: Cut): string {
  const copy = powerCut(directory, cut);
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  return copy;
}

describe.each(cuts)('a power cut that leaves %s beside what was synced', (cut) => {
  test(`takes nothing that was acknowledged, at whatever step it comes (SEED=${seed})`, { timeout: 60_000 }, async () => {
    const random = randomFrom(seed);
    const directory = await temporaryDirectory();
    const lines: string[] = [];
    const found: { readonly at: string; readonly lines: readonly string[]; readonly copy: string }[] = [];
    const perhaps = (at: string, chance: number) => {
      if (found.length < mostCuts && random() < chance) found.push({ at, lines: [...lines], copy: cutNow(directory, cut) });
    };
    const store = await openStore(directory, {
      checkpointBytes: 30_000,
      failPoint: (step) => perhaps(step, step === 'written' || step === 'synced' ? 0.05 : 0.3),
    });
    let next = 0;
    const lane = async () => {
      while (next < trees) {
        const n = next++;
        for (const [index, unit] of workOf(n).units.entries()) {
          expect(await store.commit([unit])).toMatchObject([{ status: 'ok' }]);
          lines.push(`ack ${n} ${index + 1}`);
          perhaps('acknowledged', 0.1);
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    await store.close();
    found.push({ at: 'closed', lines, copy: cutNow(directory, cut) });
    expect(new Set(found.map(({ at }) => at)).size).toBeGreaterThan(2);
    for (const { at, lines: said, copy } of found) {
      const again = await openStore(copy);
      const faults = [...(await faultsOf(again, acknowledgedIn(said), trees)), ...again.health().problems];
      expect(faults, `at ${at}, after ${said.length} acknowledgements`).toEqual([]);
      await again.close();
    }
  });

  test('takes nothing that was shown after a start, though it was not acknowledged before', async () => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    const [first, second] = [workOf(1).units[0], workOf(2).units[0]];
    if (first === undefined || second === undefined) throw new Error('no work');
    let lines = 0;
    const store = await openStore(directory, { failPoint: (step) => (step === 'written' && ++lines === 2 ? gate.pass() : undefined) });
    await store.commit([first]);
    const unanswered = store.commit([second]);
    await gate.reached;
    // Killed here, the line is in the file and nowhere on the disk.
    const killed = await copyOf(directory);
    takeOver(directory, killed);
    gate.open();
    await unanswered;
    const again = await openStore(killed);
    const shown = await again.load(second.writes.map(({ record }) => record.id));
    expect(shown.size).toBe(2);
    const left = await openStore(cutNow(killed, cut));
    expect(await left.load([...shown.keys()])).toEqual(shown);
  });
});

test('a commit is not answered before the disk has it', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  for (const [index, unit] of workOf(1).units.entries()) {
    const before = syncCount();
    await store.commit([unit]);
    expect(syncCount(), `unit ${index + 1}`).toBeGreaterThan(before);
  }
});
