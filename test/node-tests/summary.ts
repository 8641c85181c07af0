/** What a run over node tests prints: counts, reasons in groups, every failure. */
import type { Verdict } from './judge.ts';

export interface Result {
  readonly name: string;
  readonly verdict: Verdict;
}

/** One reason for many tests: without names and numbers. */
function kindOf(why: string): string {
  return why
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\[[^\]]*\]/g, '[…]')
    .replace(/-?\d[\d.e+-]*/g, '#');
}

function grouped<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups].sort((a, b) => b[1].length - a[1].length);
}

export function printSummary(results: readonly Result[]): string {
  const of = (outcome: Verdict['outcome']) => results.filter(({ verdict }) => verdict.outcome === outcome);
  const [passed, unsupported, failed] = [of('passed'), of('unsupported'), of('failed')];
  const ways = grouped(passed, ({ verdict }) => ('how' in verdict ? verdict.how : '')).map(([how, same]) => `${same.length} ${how}`);
  const lines = [`passed       ${passed.length} (${ways.join(', ')})`, `unsupported  ${unsupported.length}`];
  for (const [why, same] of grouped(unsupported, ({ verdict }) => ('why' in verdict ? kindOf(verdict.why) : ''))) {
    lines.push(
      `  ${String(same.length).padStart(4)}  ${why}: ${same
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}${same.length > 3 ? ', …' : ''}`,
    );
  }
  lines.push(`failed       ${failed.length}`);
  for (const { name, verdict } of failed) lines.push(`        ${name}: ${'why' in verdict ? verdict.why : ''}`);
  return lines.join('\n');
}
