/**
 * MaxPool after a requantization: decides by count whether the circuit takes the maximum on the accumulators (then requantizes once per window) or on the
 * requantized integers. The step function is monotone, so both are the same. Reference: docs/circuits.md §4.
 */
import { maximumCost } from '../../../circuits/maximum.ts';
import type { Program, ProgramOp } from '../program.ts';
import { formCost } from '../steps/form.ts';
import { readsOf } from '../verify.ts';

type Max = ProgramOp & { readonly kind: 'max' };
type Requantize = ProgramOp & { readonly kind: 'requantize' };

export function maxBeforeRequantize(program: Program): Program {
  const makers = new Map(program.ops.map((op) => [op.y, op]));
  const uses = new Map<number, number>();
  const use = (tensor: number) => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const op of program.ops) for (const x of readsOf(op)) use(x);
  for (const output of program.outputs) use(output.tensor);
  const ops = program.ops.map((op) => {
    if (op.kind !== 'max') return op;
    const maker = makers.get(op.x);
    if (maker?.kind !== 'requantize' || uses.get(op.x) !== 1 || !sameChannels(op, maker)) return op;
    return { ...op, beforeRequantize: costBefore(op, maker) < costAfter(program, op, maker) };
  });
  return { ...program, ops };
}

function channelOf({ inner, rules }: Requantize, element: number): number {
  return Math.floor(element / inner) % rules.length;
}

/** Only elements of one rule may be compared before it is applied. */
function sameChannels({ windows }: Max, requantize: Requantize): boolean {
  for (let o = 0; o + 1 < windows.starts.length; o++) {
    const channel = channelOf(requantize, windows.indices[windows.starts[o]]);
    for (let t = windows.starts[o] + 1; t < windows.starts[o + 1]; t++) {
      if (channelOf(requantize, windows.indices[t]) !== channel) return false;
    }
  }
  return true;
}

/** Rows of one requantization, by channel. */
function channelCosts({ forms, lows, highs }: Requantize): number[] {
  return forms.map((form, channel) => formCost(form, lows[channel], highs[channel]));
}

function costBefore({ windows: { starts, indices } }: Max, requantize: Requantize): number {
  const { lows, highs } = requantize;
  const requantizations = channelCosts(requantize);
  const maxima = Array.from(lows, (low, channel) => maximumCost(highs[channel] - low).constraints);
  let cost = 0;
  for (let o = 0; o + 1 < starts.length; o++) {
    const channel = channelOf(requantize, indices[starts[o]]);
    cost += (starts[o + 1] - starts[o] - 1) * maxima[channel] + requantizations[channel];
  }
  return cost;
}

function costAfter({ tensors }: Program, { windows: { starts, indices } }: Max, requantize: Requantize): number {
  const { low, high, count } = tensors[requantize.y];
  const requantizations = channelCosts(requantize);
  let cost = (indices.length - (starts.length - 1)) * maximumCost(high - low).constraints;
  for (let o = 0; o < count; o++) cost += requantizations[channelOf(requantize, o)];
  return cost;
}
