/**
 * average: where the outcome depends on the window's sum alone, the step of that sum, which is a wire of its own (it stands in several rows). Where it does not, every float32
 * addition of the profile's loop is carried out: each element's term is looked up, each partial sum rounded (circuits/float32.ts), the last one stepped.
 */
import { emitRounding, makeRounding, type Rounding } from '../../../circuits/float32.ts';
import { asWire, newSum, plusWire, reset, type Sum } from '../../../circuits/sum.ts';
import type { AverageForm, ProgramOp } from '../../program/program.ts';
import {
  type Elements,
  elementsOf,
  type Lowering,
  lowerElements,
  lowerStep,
  plusElement,
  type ReadyStep,
  readyStep,
  tensorOf,
} from './lowering.ts';
import { largest, makeTerms, smallest } from './terms.ts';

type Average = ProgramOp & { readonly kind: 'average' };

/** Of one window shape: writes what is to be stepped into `acc`. */
interface Shape {
  readonly step: ReadyStep;
  readonly sum: (start: number, acc: Sum) => void;
}

export function lowerAverage(lowering: Lowering, op: Average): void {
  const { low } = tensorOf(lowering, op.y);
  const x = elementsOf(lowering, op.x);
  // Window shapes share the terms: they are the same function of x.
  let terms: ((i: number, into: Sum) => void) | undefined;
  const shapes = op.shapes.map(({ taps, form }): Shape => {
    if (form.kind === 'sum') return sumShape(lowering, op, x, taps, form.step);
    terms ??= makeTerms(lowering, x, tensorOf(lowering, op.x).low, form.terms);
    return floatShape(lowering, op, taps, form, terms);
  });
  const acc = newSum();
  lowerElements(lowering, op.y, (o, y) => {
    const { step, sum } = shapes[op.shapeOf[o]!]!;
    sum(op.windows.starts[o]!, acc);
    lowerStep(lowering.api, step, acc, low, y, o);
  });
}

function sumShape(lowering: Lowering, op: Average, x: Elements, taps: number, form: ReadyStep['form']): Shape {
  const { api } = lowering;
  const { low, high } = tensorOf(lowering, op.x);
  const { xZero } = op.rule;
  const sumLow = taps * (low - xZero);
  return {
    step: readyStep(form, sumLow, taps * (high - xZero)),
    sum: (start, acc) => {
      reset(acc, -sumLow - taps * xZero);
      for (let t = start; t < start + taps; t++) plusElement(acc, x, op.windows.indices[t]!, 1);
      if (acc.length > 1) {
        api.gadget('accumulate');
        const wire = asWire(api, acc);
        plusWire(reset(acc), wire, 1);
      }
      acc.constant += sumLow;
    },
  };
}

function floatShape(
  { api }: Lowering,
  op: Average,
  taps: number,
  form: AverageForm & { kind: 'float' },
  terms: (i: number, into: Sum) => void,
): Shape {
  const [termLow, termHigh] = [smallest(form.terms), largest(form.terms)];
  const roundings: Rounding[] = [];
  let [low, high] = [termLow, termHigh];
  for (let t = 1; t < taps; t++) {
    roundings.push(makeRounding(low + termLow, high + termHigh));
    [low, high] = [Math.fround(low + termLow), Math.fround(high + termHigh)];
  }
  return {
    step: readyStep(form.step, low, high),
    sum: (start, acc) => {
      terms(op.windows.indices[start]!, reset(acc));
      for (let t = 1; t < taps; t++) {
        terms(op.windows.indices[start + t]!, acc);
        addRounded(api, roundings[t - 1]!, acc);
      }
    },
  };
}

/** acc becomes fl(acc). */
function addRounded(api: Lowering['api'], rounding: Rounding, acc: Sum): void {
  if (acc.length === 0) acc.constant = Math.fround(acc.constant);
  else if (rounding.extraBits > 0) {
    api.gadget('float add');
    const y = emitRounding(api, rounding, acc);
    plusWire(reset(acc, rounding.low), y, 1);
  }
}
