/** Slice: starts, ends, axes, steps as attributes (opset < 10) or constant inputs; negative steps too. */
import { type Call, constantLimits, dimsOf, hasInput, intsAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { applyGather, axesWith, axisOrder } from '../gather.ts';
import { refuse } from '../report.ts';

const again = 'export the model again; onnx.checker says what is wrong';
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

/** Coordinates that a slice of an axis of `size` takes. */
function coordinates(size: number, start: number, end: number, step: number): number[] {
  if (step === 0) return refuse('a step of 0', again);
  const at = (limit: number) => (limit < 0 ? limit + size : limit);
  const from = clamp(at(start), 0, step > 0 ? size : size - 1);
  const to = clamp(at(end), step > 0 ? 0 : -1, size);
  const found: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) found.push(i);
  return found;
}

function given(call: Call, name: string, i: number): readonly number[] | null {
  if (call.opset < 10) return intsAttribute(call, name, null);
  return hasInput(call, i) ? constantLimits(call, i) : null;
}

/** Coordinates taken from each axis. */
function slices(call: Call): readonly ArrayLike<number>[] {
  const dims = dimsOf(call, 0);
  const starts = given(call, 'starts', 1) ?? refuse('it has no starts', again);
  const ends = given(call, 'ends', 2) ?? refuse('it has no ends', again);
  const axes = (given(call, 'axes', 3) ?? starts.map((_, i) => i)).map((axis) => normalizeAxis(axis, dims.length));
  const steps = (call.opset < 10 ? null : given(call, 'steps', 4)) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length) || new Set(axes).size !== axes.length)
    refuse(`${starts.length} starts, ${ends.length} ends, axes [${axes.join(', ')}]`, again);
  return axesWith(dims, new Map(axes.map((axis, i) => [axis, coordinates(dims[axis]!, starts[i]!, ends[i]!, steps[i]!)])));
}

export const slice: Op = {
  op: 'Slice',
  limits: 'constant bounds',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['starts', 'ends', 'axes'],
  inputs: [1, 5],
  shape: (call) => slices(call).map((taken) => taken.length),
  translate: (call, dims) => applyGather(call, { dims, index: axisOrder(dimsOf(call, 0), slices(call)), propagates: true }),
};
