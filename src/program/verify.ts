/**
 * What every program keeps: checked after it is built and after it is read from a file. A damaged program is refused here, before anything is made from it.
 */
import { ZkonnxError } from '../errors.ts';
import { elementCount } from '../tensor/tensor.ts';
import { maxTaps, rowCount } from './linear.ts';
import type { LinearMap, Program, ProgramOp, StepRule, Windows } from './program.ts';
import { averageFormHolds } from './steps/average.ts';
import { formHolds } from './steps/form.ts';
import { addFormHolds } from './steps/plane.ts';
import { multiplyFormHolds } from './steps/product.ts';
import { softmaxTables } from './steps/softmax.ts';
import { narrowed, ruleGroups, ruleSteps } from './steps/steps.ts';
import { tableSteps } from './steps/table.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

const INT32_MAX = 2 ** 31 - 1;

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new ZkonnxError('ZK7001', { what: `the integer program is inconsistent: ${what}` });
}

/** @throws ZkonnxError ZK7001 naming what is inconsistent. */
export function verifyProgram(program: Program): void {
  const { tensors } = program;
  tensors.forEach((tensor, id) => {
    demand(tensor.id === id, `tensor ${id} has id ${tensor.id}`);
    demand(tensor.count === elementCount(tensor.dims) && tensor.count > 0, `tensor "${tensor.name}" has ${tensor.count} elements`);
    demand(Number.isInteger(tensor.low) && Number.isInteger(tensor.high) && tensor.low <= tensor.high, `interval of "${tensor.name}"`);
    demand(Math.max(-tensor.low - 1, tensor.high) <= INT32_MAX, `interval of "${tensor.name}" leaves int32`);
  });
  const made = new Set<number>();
  const make = (id: number) => {
    demand(id in tensors && !made.has(id), `tensor ${id} is made twice or does not exist`);
    made.add(id);
  };
  for (const id of new Set(program.inputs.map((input) => input.tensor))) make(id);
  for (const op of program.ops) {
    for (const x of readsOf(op)) demand(made.has(x), `"${op.layer}" reads tensor ${x} before it is made`);
    make(op.y);
    verifyOp(program, op);
  }
  for (const { name, tensor, dims } of [...program.inputs, ...program.outputs]) {
    demand(made.has(tensor), `"${name}" has no tensor`);
    demand(elementCount(dims) === tensors[tensor].count, `"${name}" has another size than its tensor`);
  }
}

/** Tensors that an op reads. */
export function readsOf(op: ProgramOp): readonly number[] {
  switch (op.kind) {
    case 'add':
    case 'multiply':
    case 'compare':
    case 'dotproduct':
      return [op.a, op.b];
    case 'logic':
    case 'select':
      return op.xs;
    case 'gather':
      return op.sources;
    case 'constant':
      return [];
    default:
      return [op.x];
  }
}

function verifyOp({ tensors, profile }: Program, op: ProgramOp): void {
  const where = `"${op.layer}" (${op.op})`;
  const y = tensors[op.y];
  switch (op.kind) {
    case 'linear':
      demand(rowCount(op.map) === y.count && inputCount(op.map) <= tensors[op.x].count, `${where}: sizes`);
      verifyMap(op.map, tensors[op.x].count, where);
      return;
    case 'dotproduct': {
      const { batch, rows, inner, columns } = op;
      const [a, b] = [tensors[op.a], tensors[op.b]];
      demand(y.count === batch * rows * columns, `${where}: sizes`);
      demand(op.bias.length > 0 && y.count % op.bias.length === 0 && op.bias.length % columns === 0, `${where}: bias`);
      demand(a.count === batch * rows * inner && b.count === batch * inner * columns, `${where}: sizes`);
      demand(inner * Math.max(...productsOf(op, a, b).map(Math.abs)) <= Number.MAX_SAFE_INTEGER, `${where}: bounds`);
      return;
    }
    case 'requantize': {
      const { rules, forms, lows, highs, inner } = op;
      const channels = rules.length;
      demand(channels > 0 && forms.length === channels && lows.length === channels && highs.length === channels, `${where}: channels`);
      demand(inner >= 1 && y.count === tensors[op.x].count && y.count % (inner * channels) === 0, `${where}: sizes`);
      for (let channel = 0; channel < channels; channel++) {
        const [low, high] = [lows[channel], highs[channel]];
        demand(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low <= high, `${where}: interval of channel ${channel}`);
      }
      for (const rule of rules) demand(isRising(rule), `${where}: its rule is none that rises`);
      for (const group of ruleGroups(rules, lows, highs).values()) {
        const steps = ruleSteps(group.rule, group.low, group.high);
        for (const channel of group.channels) {
          const holds = formHolds(forms[channel], narrowed(steps, lows[channel], highs[channel]));
          demand(holds, `${where}: the form of channel ${channel} is not its rule`);
        }
      }
      return;
    }
    case 'table': {
      const { low, high } = tensors[op.x];
      demand(op.tables.length > 0 && op.inner >= 1, `${where}: channels`);
      demand(y.count === tensors[op.x].count && y.count % (op.inner * op.tables.length) === 0, `${where}: sizes`);
      for (const { values, step } of op.tables) {
        demand(values.length === high - low + 1 && values.every((v) => v >= y.low && v <= y.high), `${where}: table`);
        const steps = step === null ? null : tableSteps(values, low, y.zeroPoint ?? 0);
        demand(step === null || (steps !== null && formHolds(step, steps)), `${where}: its form is not its table`);
      }
      return;
    }
    case 'max':
    case 'argmax':
      verifyWindows(op.windows, y.count, tensors[op.x].count, where);
      return;
    case 'compare': {
      const [a, b] = [tensors[op.a], tensors[op.b]];
      verifyIndex(op.aIndex, y.count, a.count, where);
      verifyIndex(op.bIndex, y.count, b.count, where);
      demand((op.table?.length ?? b.high - b.low + 1) === b.high - b.low + 1 && y.low >= 0 && y.high <= 1, `${where}: table`);
      return;
    }
    case 'logic':
    case 'select': {
      const { xs, indices } = op;
      demand(
        indices.length === xs.length && xs.length === (op.kind === 'select' ? 3 : op.operator === 'not' ? 1 : 2),
        `${where}: operands`,
      );
      xs.forEach((x, i) => {
        verifyIndex(indices[i], y.count, tensors[x].count, where);
        const isTruth = tensors[x].low >= 0 && tensors[x].high <= 1;
        demand((op.kind === 'select' && i > 0) || isTruth, `${where}: operand ${i} is no truth value`);
      });
      return;
    }
    case 'topk': {
      const { windows, places } = op;
      const rows = windows.starts.length - 1;
      verifyWindows(windows, rows, tensors[op.x].count, where);
      verifyWindows(places, rows, y.count / 2, where);
      demand(places.indices.length === y.count / 2 && new Set(places.indices).size === y.count / 2, `${where}: places`);
      for (let r = 0; r < rows; r++)
        demand(places.starts[r + 1] - places.starts[r] <= windows.starts[r + 1] - windows.starts[r], `${where}: row ${r}`);
      return;
    }
    case 'softmax': {
      const { low, high, count } = tensors[op.x];
      const { starts } = op.windows;
      verifyWindows(op.windows, starts.length - 1, count, where);
      demand(count === y.count && new Set(op.windows.indices).size === count, `${where}: sizes`);
      for (let r = 0; r + 1 < starts.length; r++) demand(starts[r + 1] - starts[r] === op.rule.count, `${where}: row ${r}`);
      const { weights, numerators } = softmaxTables(op.rule, high - low + 1);
      const same = (a: Float64Array, b: Float64Array) => a.length === b.length && a.every((v, d) => v === b[d]);
      demand(same(weights, op.tables.weights) && same(numerators, op.tables.numerators), `${where}: its tables are not its rule`);
      return;
    }
    case 'add':
    case 'multiply': {
      const [a, b] = [tensors[op.a], tensors[op.b]];
      verifyIndex(op.aIndex, y.count, a.count, where);
      verifyIndex(op.bIndex, y.count, b.count, where);
      const pairs = { aLow: a.low, aHigh: a.high, bLow: b.low, bHigh: b.high };
      // Under the other profile only what is added in floats keeps the formula of WASM.
      const ownKernel = profile === 'ort-fused' ? op.rule.kernel === 'wasm' : op.rule.kernel === 'x64' || op.rule.roundingZero === 0;
      demand(ownKernel, `${where}: a kernel of another profile`);
      const holds = op.kind === 'add' ? addFormHolds(op.form, op.rule, pairs) : multiplyFormHolds(op.form, op.rule, pairs);
      demand(holds, `${where}: its form is not its rule`);
      return;
    }
    case 'average':
      verifyWindows(op.windows, y.count, tensors[op.x].count, where);
      demand(op.divisors.length === y.count && op.shapeOf.length === y.count, `${where}: sizes`);
      for (let o = 0; o < y.count; o++) {
        const shape = op.shapes[op.shapeOf[o]];
        const taps = op.windows.starts[o + 1] - op.windows.starts[o];
        demand(shape !== undefined && shape.taps === taps && shape.divisor === op.divisors[o], `${where}: shape of element ${o}`);
      }
      for (const { taps, divisor, form } of op.shapes) {
        const { low: xLow, high: xHigh } = tensors[op.x];
        demand(averageFormHolds(form, op.rule, { taps, divisor, xLow, xHigh }), `${where}: its form is not its rule`);
      }
      return;
    case 'gather': {
      if (op.from === null) {
        demand(op.sources.length === 1, `${where}: sources`);
        verifyIndex(op.index, y.count, tensors[op.sources[0]].count, where);
        return;
      }
      const { from, index } = op;
      demand(index !== null && from.length === y.count && index.length === y.count, `${where}: sizes`);
      for (let i = 0; i < y.count; i++) {
        const source = tensors[op.sources[from[i]]];
        demand(source !== undefined && index[i] >= 0 && index[i] < source.count, `${where}: source of element ${i}`);
      }
      return;
    }
    case 'constant':
      demand(op.values.length === y.count, `${where}: sizes`);
  }
}

function isPowerOfTwo(n: number): boolean {
  let power = 1;
  while (power < n) power *= 2;
  return power === n;
}

/** What the kinds of rules that list factors must keep, so that y rises with acc and division is exact. */
function isRising(rule: StepRule): boolean {
  switch (rule.kind) {
    case 'shift':
      return isPowerOfTwo(rule.divisor);
    case 'floats':
      return rule.steps.every(({ kind, value }) => Number.isFinite(value) && (kind === 'add' || value > 0));
    default:
      return true;
  }
}

function inputCount(map: LinearMap): number {
  switch (map.kind) {
    case 'conv2d':
      return map.x[0] * map.x[1] * map.x[2] * map.x[3];
    case 'matmul':
      return map.rows * map.inner;
    case 'windowsum':
      return 0;
  }
}

/** Products of the ends of two intervals, zero points taken off: the least and the greatest product are among them. */
export function productsOf(op: ProgramOp & { kind: 'dotproduct' }, a: Interval, b: Interval): number[] {
  return [a.low, a.high].flatMap((x) => [b.low, b.high].map((z) => (x - op.aZero) * (z - op.bZero)));
}

function verifyMap(map: LinearMap, inputs: number, where: string): void {
  demand(Number.isInteger(map.xZero), `${where}: zero point`);
  if (map.kind === 'windowsum') {
    verifyWindows(map.windows, map.windows.starts.length - 1, inputs, where);
    return;
  }
  if (map.kind === 'conv2d') {
    demand(map.bias.length === map.y[1] && map.weights.length === map.y[1] * maxTaps(map), `${where}: weights`);
    demand(map.x[0] === map.y[0], `${where}: batch`);
  } else {
    const { rows, rowsEach, inner, columns, weights, bias } = map;
    const matrices = weights.length / (inner * columns);
    demand(Number.isInteger(matrices) && matrices > 0 && rows % (matrices * rowsEach) === 0, `${where}: weights`);
    demand(bias.length > 0 && bias.length % columns === 0 && (rows * columns) % bias.length === 0, `${where}: bias`);
  }
  demand(inputCount(map) === inputs, `${where}: sizes`);
}

function verifyWindows({ starts, indices }: Windows, outputs: number, inputs: number, where: string): void {
  demand(starts.length === outputs + 1 && starts[0] === 0 && starts[outputs] === indices.length, `${where}: windows`);
  for (let o = 0; o < outputs; o++) demand(starts[o] < starts[o + 1], `${where}: window ${o} is empty`);
  verifyIndices(indices, inputs, where);
}

function verifyIndex(index: Int32Array | null, outputs: number, inputs: number, where: string): void {
  demand((index?.length ?? inputs) === outputs, `${where}: sizes`);
  if (index !== null) verifyIndices(index, inputs, where);
}

function verifyIndices(indices: Int32Array, inputs: number, where: string): void {
  for (const i of indices) demand(i >= 0 && i < inputs, `${where}: index ${i}`);
}
