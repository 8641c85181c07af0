/**
 * The integer oracle: what a program computes, exactly as the reference profile does. It follows the float32 rules, not the circuit's forms, and is
 * therefore the truth that forms, circuits and witnesses are held against. All sums fit int32 by the program's proven bounds.
 */
import { ZkonnxError } from '../errors.ts';
import { matrixOf } from './linear.ts';
import type { LinearMap, Program, ProgramOp, TensorId } from './program.ts';
import { averageOf } from './steps/average.ts';
import { applyLogic } from './steps/logic.ts';
import { applyAddRule, applyMultiplyRule, applyRule } from './steps/rule.ts';
import { softmaxRow } from './steps/softmax.ts';
import { topRow } from './steps/topk.ts';

/** All tensors from the inputs' raw integers, by boundary name. @throws ZkonnxError ZK4101 if one is missing. */
export function evaluate(program: Program, inputs: ReadonlyMap<string, Int32Array>): ReadonlyMap<TensorId, Int32Array> {
  const values = new Map<TensorId, Int32Array>();
  for (const { name, tensor } of program.inputs) {
    const given = inputs.get(name);
    if (given === undefined) throw new ZkonnxError('ZK4101', { tensor: name, given: [...inputs.keys()].join(', ') || 'nothing' });
    values.set(tensor, given);
  }
  const read = (id: TensorId): Int32Array => values.get(id)!;
  for (const op of program.ops) values.set(op.y, evaluateOp(program, op, read));
  return values;
}

function evaluateOp(program: Program, op: ProgramOp, read: (id: TensorId) => Int32Array): Int32Array {
  const y = new Int32Array(program.tensors[op.y].count);
  switch (op.kind) {
    case 'linear':
      evaluateLinear(op.map, read(op.x), y);
      break;
    case 'dotproduct':
      evaluateDotProduct(op, read(op.a), read(op.b), y);
      break;
    case 'requantize': {
      const x = read(op.x);
      const { inner, rules } = op;
      for (let o = 0; o < y.length; o++) y[o] = applyRule(rules[Math.floor(o / inner) % rules.length], x[o]);
      break;
    }
    case 'table': {
      const x = read(op.x);
      const { inner, tables } = op;
      const { low } = program.tensors[op.x];
      for (let o = 0; o < y.length; o++) y[o] = tables[Math.floor(o / inner) % tables.length].values[x[o] - low];
      break;
    }
    case 'max': {
      const x = read(op.x);
      const { starts, indices } = op.windows;
      for (let o = 0; o < y.length; o++) {
        let most = x[indices[starts[o]]];
        for (let t = starts[o] + 1; t < starts[o + 1]; t++) most = op.least ? Math.min(most, x[indices[t]]) : Math.max(most, x[indices[t]]);
        y[o] = most;
      }
      break;
    }
    case 'add':
    case 'multiply': {
      const a = read(op.a);
      const b = read(op.b);
      const outcome = op.kind === 'add' ? applyAddRule : applyMultiplyRule;
      for (let o = 0; o < y.length; o++) y[o] = outcome(op.rule, a[op.aIndex?.[o] ?? o], b[op.bIndex?.[o] ?? o]);
      break;
    }
    case 'average': {
      const x = read(op.x);
      const { starts, indices } = op.windows;
      for (let o = 0; o < y.length; o++) y[o] = averageOf(op.rule, x, indices.subarray(starts[o], starts[o + 1]), op.divisors[o]);
      break;
    }
    case 'gather': {
      const sources = op.sources.map(read);
      for (let o = 0; o < y.length; o++) y[o] = sources[op.from?.[o] ?? 0][op.index?.[o] ?? o];
      break;
    }
    case 'constant':
      y.set(op.values);
      break;
    case 'compare': {
      const [a, b] = [read(op.a), read(op.b)];
      const { low } = program.tensors[op.b];
      for (let o = 0; o < y.length; o++) {
        const value = a[op.aIndex?.[o] ?? o];
        const beside = b[op.bIndex?.[o] ?? o];
        const bound = op.table?.[beside - low] ?? beside + op.shift;
        y[o] = (op.equal ? value === bound : value >= bound) === op.negated ? 0 : 1;
      }
      break;
    }
    case 'logic': {
      const [a, b] = op.xs.map(read);
      const [aIndex, bIndex] = op.indices;
      for (let o = 0; o < y.length; o++) y[o] = applyLogic(op.operator, a[aIndex?.[o] ?? o], b?.[bIndex?.[o] ?? o] ?? 0);
      break;
    }
    case 'select': {
      const [condition, a, b] = op.xs.map(read);
      const [cIndex, aIndex, bIndex] = op.indices;
      for (let o = 0; o < y.length; o++) y[o] = condition[cIndex?.[o] ?? o] === 1 ? a[aIndex?.[o] ?? o] : b[bIndex?.[o] ?? o];
      break;
    }
    case 'softmax': {
      const x = read(op.x);
      const { starts, indices } = op.windows;
      for (let r = 0; r + 1 < starts.length; r++) softmaxRow(op.rule, op.tables, x, indices.subarray(starts[r], starts[r + 1]), y);
      break;
    }
    case 'topk': {
      const x = read(op.x);
      const { windows, places } = op;
      for (let r = 0; r + 1 < windows.starts.length; r++)
        topRow(
          op.least,
          x,
          windows.indices.subarray(windows.starts[r], windows.starts[r + 1]),
          places.indices.subarray(places.starts[r], places.starts[r + 1]),
          y,
        );
      break;
    }
    case 'argmax': {
      const x = read(op.x);
      const { starts, indices } = op.windows;
      for (let o = 0; o < y.length; o++) {
        let at = starts[o];
        for (let t = at + 1; t < starts[o + 1]; t++) {
          const difference = (x[indices[t]] - x[indices[at]]) * (op.least ? -1 : 1);
          if (difference > 0 || (difference === 0 && op.selectLastIndex)) at = t;
        }
        y[o] = at - starts[o];
      }
      break;
    }
  }
  return y;
}

function evaluateLinear(map: LinearMap, x: Int32Array, y: Int32Array): void {
  switch (map.kind) {
    case 'conv2d':
      evaluateConv(map, x, y);
      return;
    case 'matmul': {
      const { rows, inner, columns, weights, bias, xZero } = map;
      for (let r = 0; r < rows; r++) {
        const row = y.subarray(r * columns, (r + 1) * columns);
        for (let c = 0; c < columns; c++) row[c] = bias[(r * columns + c) % bias.length];
        const matrix = matrixOf(map, r) * inner * columns;
        for (let k = 0; k < inner; k++) {
          const value = x[r * inner + k] - xZero;
          if (value === 0) continue;
          const base = matrix + k * columns;
          for (let c = 0; c < columns; c++) row[c] += value * weights[base + c];
        }
      }
      return;
    }
    case 'windowsum': {
      const { starts, indices } = map.windows;
      for (let o = 0; o < y.length; o++) {
        let sum = 0;
        for (let t = starts[o]; t < starts[o + 1]; t++) sum += x[indices[t]] - map.xZero;
        y[o] = sum;
      }
    }
  }
}

function evaluateDotProduct(op: ProgramOp & { kind: 'dotproduct' }, a: Int32Array, b: Int32Array, y: Int32Array): void {
  const { batch, rows, inner, columns, aZero, bZero, bias } = op;
  for (let o = 0; o < y.length; o++) y[o] = bias[o % bias.length];
  for (let r = 0; r < batch * rows; r++) {
    const right = Math.floor(r / rows) * inner * columns;
    for (let k = 0; k < inner; k++) {
      const value = a[r * inner + k] - aZero;
      if (value === 0) continue;
      for (let c = 0; c < columns; c++) y[r * columns + c] += value * (b[right + k * columns + c] - bZero);
    }
  }
}

/** Tap by tap over whole lines of the output: the inner loop runs along a row of x. */
function evaluateConv(map: LinearMap & { kind: 'conv2d' }, x: Int32Array, y: Int32Array): void {
  const [batch, channels, height, width] = map.x;
  const [, outChannels, outHeight, outWidth] = map.y;
  const [kernelHeight, kernelWidth] = map.kernel;
  const [strideHeight, strideWidth] = map.strides;
  const [padTop, padLeft] = map.pads;
  const perGroup = channels / map.group;
  const outPerGroup = outChannels / map.group;
  const area = outHeight * outWidth;
  for (let outPlane = 0; outPlane < batch * outChannels; outPlane++) {
    const out = outPlane % outChannels;
    y.fill(map.bias[out], outPlane * area, (outPlane + 1) * area);
    const firstPlane = ((outPlane - out) / outChannels) * channels + Math.floor(out / outPerGroup) * perGroup;
    for (let c = 0; c < perGroup; c++) {
      const plane = (firstPlane + c) * height;
      for (let i = 0; i < kernelHeight; i++) {
        for (let j = 0; j < kernelWidth; j++) {
          const w = map.weights[((out * perGroup + c) * kernelHeight + i) * kernelWidth + j];
          if (w === 0) continue;
          const left = j * map.dilations[1] - padLeft;
          const from = Math.max(0, Math.ceil(-left / strideWidth));
          const to = Math.min(outWidth, Math.floor((width - 1 - left) / strideWidth) + 1);
          for (let line = 0; line < outHeight; line++) {
            const h = line * strideHeight - padTop + i * map.dilations[0];
            if (h < 0 || h >= height) continue;
            const source = (plane + h) * width + left;
            const target = outPlane * area + line * outWidth;
            for (let o = from; o < to; o++) y[target + o] += w * (x[source + o * strideWidth] - map.xZero);
          }
        }
      }
    }
  }
}
