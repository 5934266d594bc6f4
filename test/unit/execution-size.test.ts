import { describe, expect, test } from 'vitest';
import type { Guidance } from '../../src/machines/context.ts';
import { limits } from '../../src/protocol/values.ts';
import { builtinRoles } from '../../src/specialists/builtin.ts';
import { contextBounds, renderExecution } from '../../src/specialists/context.ts';
import type { DependencyOutcome, ExecutionInput } from '../../src/specialists/execution.ts';
import { quote } from '../../src/specialists/quotation.ts';
import { createCatalogue, role } from '../../src/specialists/role.ts';
import { artifactId, at, bare, roleOf, sha256, taskGiven, taskId } from '../support/execution-inputs.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

describe('the size of a context', () => {
  const long = (limit: number): string =>
    'A line of about forty bytes of the text\n'.repeat(Math.ceil(limit / 40)).slice(0, limit - 1) + '.';
  const worst = (limit: number): string => 'x\n'.repeat(limit / 2 - 1) + 'xx';
  const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

  function full(write: (limit: number) => string, whole: boolean): ExecutionInput {
    const artifacts = many(100, (place) => ({ id: artifactId(place), type: 'code', name: 'ö'.repeat(255), bytes: 1 }) as const);
    const outcome = (index: number): DependencyOutcome => ({
      taskId: taskId(index),
      title: '"'.repeat(limits.titleLength),
      status: 'completed',
      kind: 'completion',
      summary: write(limits.summaryBytes),
      artifacts,
    });
    const kinds = whole ? (['feedback', 'answer', 'reason'] as const) : (['reason'] as const);
    return {
      role: roleOf('devops'),
      task: {
        ...taskGiven({
          title: '"'.repeat(limits.titleLength),
          description: whole ? write(limits.descriptionBytes) : 'Short.',
          acceptance: many(limits.acceptance, () => write(2_000)),
          context: { text: 'ö'.repeat(limits.contextBytes / 2 - 6) },
          estimatedEffort: '"'.repeat(100),
        }),
        filePaths: many(limits.filePaths, () => '/'.repeat(1_024)),
      },
      parent: { id: taskId(2), title: 'Parent', description: write(limits.descriptionBytes) },
      dependencies: many(limits.dependencies, outcome),
      children: many(limits.treeTasks, outcome),
      notes: many(limits.notes, () => ({ text: write(limits.textBytes), by: 'b'.repeat(200), at })),
      guidance: many(30, (index): Guidance => ({
        kind: kinds[index % kinds.length] ?? 'reason',
        question: write(limits.textBytes),
        text: write(limits.textBytes),
        by: 'ann',
        at,
      })),
      attempts: many(50, (index) => ({
        number: index + 1,
        holder: 'w',
        outcome: 'failed',
        report: write(limits.textBytes),
        startedAt: at,
        endedAt: at,
      })),
      reviewOf: outcome(3),
      blocked: { reason: write(limits.textBytes), question: write(limits.textBytes), answer: write(limits.textBytes) },
    };
  }

  test('keeps to its aim when no text that comes whole is long', () => {
    for (const write of [long, worst]) {
      const { context } = renderExecution(full(write, false));
      expect(bytesOf(context)).toBeLessThanOrEqual(contextBounds.aimBytes);
      // What is there is used: a page that is cut is nearly full.
      expect(bytesOf(context)).toBeGreaterThan(contextBounds.aimBytes * 0.9);
    }
  });

  test('keeps to a smaller aim, and still has every section', () => {
    const headings = (context: string): string[] => context.match(/^## .*/gm) ?? [];
    const [large, small] = [renderExecution(full(long, false)), renderExecution(full(long, false), 12_288)];
    expect(bytesOf(small.context)).toBeLessThanOrEqual(12_288);
    expect(headings(small.context)).toEqual(headings(large.context));
    // Less than what comes whole leaves half of the aim to the sections.
    const least = renderExecution({ ...bare, notes: many(8, () => ({ text: long(4_000), by: 'ann', at })) }, 2_048);
    expect(bytesOf(least.context)).toBeLessThan(6_000);
    expect(least.context).toContain('## Notes');
  });

  test('adds a bounded part to the texts that come whole', () => {
    const wholeBytes = 3 * limits.textBytes;
    const { context } = renderExecution(full(long, true));
    expect(bytesOf(context)).toBeLessThanOrEqual(wholeBytes * 1.1 + 5_000 + contextBounds.sectionBytes);
  });

  test('never passes its ceiling, with the largest role and every text in one-character lines', () => {
    const given = role.parse({
      ...builtinRoles[0],
      definition: 'd'.repeat(2_000),
      expertise: many(12, () => 'e'.repeat(200)),
      approach: many(12, () => 'a'.repeat(300)),
      outputFormat: worst(4_000),
      capabilities: many(12, () => 'c'.repeat(120)),
    });
    const [largest = roleOf('devops')] = createCatalogue([given], sha256).list();
    const { context } = renderExecution({ ...full(worst, true), role: largest });
    expect(bytesOf(context)).toBeLessThanOrEqual(contextBounds.ceilingBytes);
  });

  test('never cuts the description, the newest feedback or the newest answer', () => {
    const input = full(long, true);
    const mark = (text: string): string => `${text.slice(0, -6)}marked`;
    const guidance: Guidance[] = [
      ...input.guidance,
      { kind: 'feedback', text: mark(long(limits.textBytes)), by: 'rev', at },
      { kind: 'answer', question: 'Which?', text: mark(long(limits.textBytes)).replaceAll('forty', 'sixty'), by: 'ann', at },
      ...many(20, (): Guidance => ({ kind: 'reason', text: long(limits.textBytes), by: 'ops', at })),
    ];
    const { context } = renderExecution({ ...input, guidance });
    expect(context).toContain(quote(input.task.spec.description));
    expect(context).toContain(quote(guidance.at(-21)?.text ?? '?'));
    expect(context).toContain(quote(guidance.at(-22)?.text ?? '?'));
    expect(context.match(/marked/g)).toHaveLength(2);
  });

  test('says what was cut or left out, and where to read it', () => {
    const { context } = renderExecution(full(long, false));
    const history = `task.history {"taskId":"${taskId(1)}"}`;
    expect(context).toMatch(/^\(Cut after \d+ of \d+ bytes; whole with task\.get \{"taskId":"t_0+1"\}\.\)$/m);
    expect(context).toMatch(/^\(\d+ of 1000 left out here; all with task\.list .*\)$/m);
    expect(context).toMatch(new RegExp(`^\\(\\d+ of 100 left out here; all with ${history.replaceAll('{', '\\{')}\\.\\)$`, 'm'));
    expect(context).toContain(`95 more with artifact.list {"taskId":"${taskId(3)}"}`);
  });

  test('shows all of what fits beside a long list', () => {
    const notes = many(limits.notes, () => ({ text: long(limits.textBytes), by: 'ann', at }));
    const { context } = renderExecution({ ...bare, notes, task: taskGiven({ acceptance: [long(2_000), long(1_999)] }) });
    expect(context).toContain(quote(long(2_000)));
    expect(context).toContain(quote(long(1_999)));
    expect(bytesOf(context)).toBeLessThanOrEqual(contextBounds.aimBytes);
    expect(bytesOf(context)).toBeGreaterThan(contextBounds.aimBytes * 0.9);
  });

  test('counts bytes, not characters', () => {
    const { context } = renderExecution({ ...bare, notes: many(8, () => ({ text: '文'.repeat(2_000), by: 'ann', at })) });
    expect(context.length).toBeLessThan(contextBounds.aimBytes);
    expect(bytesOf(context)).toBeLessThanOrEqual(contextBounds.aimBytes);
  });

  test('cuts no character in half', () => {
    const { context } = renderExecution({ ...bare, parent: { id: taskId(2), title: '😀'.repeat(127), description: '😀'.repeat(4_096) } });
    expect(context.isWellFormed()).toBe(true);
    expect(context).not.toMatch(/\\ud[89a-f]/);
    const rest = renderExecution({ ...bare, notes: many(60, () => ({ text: '😀'.repeat(4_000), by: 'ann', at })) }).context;
    expect(rest.isWellFormed() && !rest.includes('\ufffd')).toBe(true);
    expect(bytesOf(rest)).toBeLessThanOrEqual(contextBounds.aimBytes);
  });
});
