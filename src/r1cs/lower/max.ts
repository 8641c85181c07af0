/**
 * max: a tournament in each window. Where it stands behind a requantize that only it reads, and the program says so, the maximum is taken on the accumulators, and requantized once
 * (docs/circuits.md §4: the step function is monotone).
 */
import { ONE } from '../../../circuits/api.ts';
import { type Maximum, makeMaximum, maximum } from '../../../circuits/maximum.ts';
import { asWire, newSum, plusWire, reset, type Sum } from '../../../circuits/sum.ts';
import type { ProgramOp } from '../../program/program.ts';
import { type Elements, elementsOf, type Lowering, lowerElements, lowerStep, plusElement, tensorOf } from './lowering.ts';
import { channelOf, channelSteps } from './requantize.ts';

type Max = ProgramOp & { readonly kind: 'max' };

/** Makes the tournament of a window whose elements lie in [low, high]; the result is `best` + low, for the least of them high − `best`. */
function makeTournament(
  { api }: Lowering,
  x: Elements,
  { windows, least }: Max,
): (o: number, low: number, high: number, best: Sum) => void {
  const ready = new Map<number, Maximum>();
  const other = newSum();
  const { starts, indices } = windows;
  return (o, low, high, best) => {
    api.gadget('max');
    const [from, factor] = least ? [high, -1] : [-low, 1];
    plusElement(reset(best, from), x, indices[starts[o]!]!, factor);
    if (high === low) return;
    let pair = ready.get(high - low);
    if (pair === undefined) {
      pair = makeMaximum(high - low);
      ready.set(high - low, pair);
    }
    for (let t = starts[o]! + 1; t < starts[o + 1]!; t++) {
      plusElement(reset(other, from), x, indices[t]!, factor);
      if (best.length === 0 && other.length === 0) best.constant = Math.max(best.constant, other.constant);
      else {
        const m = maximum(api, pair, best, other);
        plusWire(reset(best), m, 1);
      }
    }
  };
}

export function lowerMax(lowering: Lowering, op: Max): void {
  const { low, high } = tensorOf(lowering, op.x);
  const tournament = makeTournament(lowering, elementsOf(lowering, op.x), op);
  const best = newSum();
  lowerElements(lowering, op.y, (o, y) => {
    tournament(o, low, high, best);
    if (op.least) {
      asLeast(best, high - low);
      if (best.length > 0) {
        const wire = asWire(lowering.api, best);
        plusWire(reset(best), wire, 1);
      }
    }
    // One element is what it was; of several, a wire without coefficient.
    y.wires[o] = best.length === 0 ? ONE : best.wires[0]!;
    y.offsets[o] = low + best.constant;
  });
}

/** width − sum in place of the sum. */
function asLeast(sum: Sum, width: number): void {
  for (let t = 0; t < sum.length; t++) sum.coefficients[t] = -sum.coefficients[t]!;
  sum.constant = width - sum.constant;
}

/** max(requantize(x)) as requantize(max(x)). */
export function lowerMaxBeforeRequantize(lowering: Lowering, op: Max, requantize: ProgramOp & { kind: 'requantize' }): void {
  const { low } = tensorOf(lowering, op.y);
  const steps = channelSteps(requantize);
  const tournament = makeTournament(lowering, elementsOf(lowering, requantize.x), op);
  const best = newSum();
  lowerElements(lowering, op.y, (o, y) => {
    const channel = channelOf(requantize, op.windows.indices[op.windows.starts[o]!]!);
    const accLow = requantize.lows[channel]!;
    tournament(o, accLow, requantize.highs[channel]!, best);
    if (op.least) asLeast(best, requantize.highs[channel]! - accLow);
    best.constant += accLow;
    lowerStep(lowering.api, steps[channel]!, best, low, y, o);
  });
}
