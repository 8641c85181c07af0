/** Functions of one 8-bit integer: as a table, and as a step form where they are monotone and that is cheaper. Reference: docs/circuits.md §5. */
import { indexCost, lookupCost } from '../../../circuits/table.ts';
import type { FunctionTable } from '../program.ts';
import { findForm } from './find.ts';
import { formCost } from './form.ts';
import { parityOf, type Steps, stepsOf } from './steps.ts';

/** The table over low, low + 1, … as a step function; null if it falls somewhere. */
export function tableSteps(values: Int32Array, low: number, zeroPoint: number): Steps | null {
  for (let i = 1; i < values.length; i++) if (values[i] < values[i - 1]) return null;
  const limits = { min: values[0], max: values[values.length - 1], tieParity: parityOf(zeroPoint) };
  return stepsOf((x) => values[x - low], low, low + values.length - 1, limits);
}

export function findTable(values: Int32Array, low: number, zeroPoint: number): FunctionTable {
  const steps = tableSteps(values, low, zeroPoint);
  if (steps === null) return { values, step: null };
  const step = findForm(steps);
  if (step.kind === 'constant') return { values, step };
  const lookup = indexCost(values.length).constraints + lookupCost(values.length).constraints;
  return { values, step: formCost(step, low, steps.high) <= lookup ? step : null };
}
