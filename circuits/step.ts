/**
 * A step function in whichever exact form it was given: a digital line (line.ts) or thresholds (thresholds.ts). A constant needs no circuit.
 *
 * Constrains: y = form(acc). Assumes: acc is an integer in the interval that the step was made for. Cost: the form's; `stepCost`.
 */
import type { Api, Cost, Wire } from './api.ts';
import { emitLine, type Line, type LineForm, lineCost, makeLine } from './line.ts';
import type { Sum } from './sum.ts';
import { emitThresholds, makeThresholds, type Thresholds, type ThresholdsForm, thresholdsCost } from './thresholds.ts';

export type Form =
  | { readonly kind: 'constant'; readonly value: number }
  | ({ readonly kind: 'line' } & LineForm)
  | ({ readonly kind: 'thresholds' } & ThresholdsForm);

export type Step =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'thresholds'; readonly thresholds: Thresholds };

export function makeStep(form: Form, low: number, high: number): Step {
  switch (form.kind) {
    case 'constant':
      return form;
    case 'line':
      return { kind: 'line', line: makeLine(form, low, high) };
    case 'thresholds':
      return { kind: 'thresholds', thresholds: makeThresholds(form, low, high) };
  }
}

export function stepCost(step: Step): Cost {
  switch (step.kind) {
    case 'constant':
      return { constraints: 0, wires: 0 };
    case 'line':
      return lineCost(step.line);
    case 'thresholds':
      return thresholdsCost(step.thresholds);
  }
}

/** y − offset as a wire; offset ≤ the least y. */
export function emitStep(api: Api, step: Exclude<Step, { kind: 'constant' }>, acc: Sum, offset: number): Wire {
  return step.kind === 'line' ? emitLine(api, step.line, acc, offset) : emitThresholds(api, step.thresholds, acc, offset);
}
