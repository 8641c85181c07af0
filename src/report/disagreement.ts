/** How far the float model is from the proven integers, in lines: one an output, and a second where classes differ. */
import type { Disagreement, OutputDisagreement } from '../disagreement.ts';
import { printable } from '../receipt/text.ts';
import { formatCount } from './table.ts';

/** None where none was measured. */
export function disagreementLines(found: Disagreement | null): string[] {
  if (found === null) return [];
  return [
    `  float model  ${formatCount(found.inferences)} ${found.inferences === 1 ? 'inference' : 'inferences'} compared with the proven integers`,
    ...found.outputs.flatMap(outputLines),
  ];
}

function outputLines({ name, elements, differing, notFinite, meanAbs, maxAbs, scale, top1 }: OutputDisagreement): string[] {
  const steps = scale === null ? '' : ` (${(maxAbs / scale).toFixed(1)} steps)`;
  const facts = [
    ...(top1 === null ? [] : [`largest score elsewhere in ${share(top1.differing, top1.rows)}`]),
    `another integer in ${share(differing, elements)}`,
    `mean difference ${number(meanAbs)}, largest ${number(maxAbs)}${steps}`,
    ...(notFinite === 0 ? [] : [`${formatCount(notFinite)} of the float model are no finite numbers`]),
  ];
  const line = `    ${printable(name)}: ${facts.join('; ')}`;
  if (top1?.mostCertain == null) return [line];
  const { row, float, proven, margin } = top1.mostCertain;
  return [
    line,
    `      most certain where they differ: row ${row}, class ${float} by ${number(margin)} in floats, class ${proven} as proven`,
  ];
}

function share(part: number, of: number): string {
  return `${formatCount(part)} of ${formatCount(of)} (${of === 0 ? 0 : ((100 * part) / of).toFixed(2)} %)`;
}

/** Three significant digits. */
function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}
