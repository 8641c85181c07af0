/** A verdict for reading: yes or no first, then why, then what the yes is worth. */
import type { Verdict } from '../verify.ts';

/** Failures of these leave the proof itself standing: it is the caller's demands that are not met. */
const demands: readonly string[] = ['context', 'model', 'pin'];

/** "ACCEPTED", "NOT ACCEPTED" (the proof checks, a demand is not met), or "INVALID". */
export function verdictWord({ valid, checks }: Verdict): string {
  if (valid) return 'ACCEPTED';
  const failed = checks.find(({ ok }) => ok === false);
  const proofHolds = checks.some(({ name, ok }) => name === 'proof' && ok === true);
  return proofHolds && failed !== undefined && demands.includes(failed.name) ? 'NOT ACCEPTED' : 'INVALID';
}

export function verdictText(verdict: Verdict): string {
  const section = (title: string, items: readonly string[]): string[] =>
    items.map((item, i) => `  ${(i === 0 ? title : '').padEnd(12)} ${item}`);
  return [`${verdictWord(verdict)}: ${verdict.reason}`, ...section('shown', verdict.shown), ...section('not shown', verdict.notShown)].join(
    '\n',
  );
}
