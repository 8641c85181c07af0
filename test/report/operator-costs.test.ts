/** The constraints formula of every operator in docs/operators.md against counted constraints, on a small model of it (test/support/operator-cases.ts). */
import { describe, expect, test } from 'vitest';
import { makeSoftmax, softmaxCost } from '../../circuits/softmax.ts';
import { indexCost, lookupCost } from '../../circuits/table.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { factsOf, opChapters } from '../../src/graph/ops.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { formCost } from '../../src/program/steps/form.ts';
import { softmaxValues, weightParts } from '../../src/program/steps/softmax.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import type { Circuit } from '../../src/r1cs/circuit.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { model } from '../support/onnx-builder.ts';
import { operatorCases } from '../support/operator-cases.ts';

/** Rows of the program's layers: all but those of inputs, outputs, context and tag. */
function countedRows({ labels, r1cs, layout }: Circuit): number {
  const boundary = ['circuit', 'boundary', ...[...layout.inputs, ...layout.outputs].map(({ role, name }) => `${role} ${name}`)];
  let count = 0;
  for (let row = 0; row < r1cs.rowCount; row++) if (!boundary.includes(labels.layers[labels.layerOf[row]!]!)) count++;
  return count;
}

interface Counts {
  steps: number;
  stepRows: number;
  lookups: number;
  lookupRows: number;
  comparisons: number;
  bits: number;
  exceptions: number;
  row: number;
  values: number;
  softmax: number;
  places: number;
}

function addSteps(counts: Counts, count: number, form: Parameters<typeof formCost>[0], low: number, high: number): void {
  counts.steps += count;
  counts.stepRows += count * formCost(form, low, high);
}

function addOp(counts: Counts, { tensors }: Program, op: ProgramOp): void {
  const y = tensors[op.y]!;
  switch (op.kind) {
    case 'requantize':
      for (let o = 0; o < y.count; o++) {
        const c = Math.floor(o / op.inner) % op.forms.length;
        addSteps(counts, 1, op.forms[c]!, op.lows[c]!, op.highs[c]!);
      }
      break;
    case 'table':
      for (let o = 0; o < y.count; o++) {
        const { low, high } = tensors[op.x]!;
        const { step } = op.tables[Math.floor(o / op.inner) % op.tables.length]!;
        if (step !== null) addSteps(counts, 1, step, low, high);
        else {
          counts.lookups++;
          counts.lookupRows += indexCost(high - low + 1).constraints + lookupCost(high - low + 1).constraints;
        }
      }
      break;
    case 'max': {
      const { low, high } = tensors[op.x]!;
      counts.comparisons += op.windows.indices.length - y.count;
      counts.bits = Math.ceil(Math.log2(high - low + 1));
      break;
    }
    case 'argmax': {
      const { low, high } = tensors[op.x]!;
      counts.row = op.windows.starts[1]!;
      counts.values = high - low + 1;
      break;
    }
    case 'add': {
      const [a, b] = [tensors[op.a]!, tensors[op.b]!];
      if (op.form.kind !== 'plane') throw new Error('the case is to have a digital plane');
      const [p, q] = [op.form.p, op.form.q];
      const ends = [q * b.low, q * b.high].sort((s, t) => s - t);
      addSteps(counts, y.count, op.form.step, p * a.low + ends[0]!, p * a.high + ends[1]!);
      break;
    }
    case 'multiply': {
      const [a, b] = [tensors[op.a]!, tensors[op.b]!];
      const { unit, exceptions, step } = op.form;
      const products = [a.low, a.high].flatMap((s) => [b.low, b.high].map((t) => unit * (s - op.rule.aZero) * (t - op.rule.bZero)));
      const room = exceptions.length > 0 ? 1 : 0;
      addSteps(counts, y.count, step, Math.min(...products) - room, Math.max(...products) + room);
      counts.exceptions = exceptions.length;
      break;
    }
    case 'average': {
      const { low, high } = tensors[op.x]!;
      for (let o = 0; o < y.count; o++) {
        const { taps, form } = op.shapes[op.shapeOf[o]!]!;
        if (form.kind !== 'sum') throw new Error('the case is to depend on sums alone');
        addSteps(counts, 1, form.step, taps * (low - op.rule.xZero), taps * (high - op.rule.xZero));
      }
      break;
    }
    case 'compare': {
      if (!op.equal) counts.comparisons += y.count;
      counts.bits = Math.ceil(Math.log2(tensors[op.a]!.high - tensors[op.a]!.low + 1));
      break;
    }
    case 'topk':
      counts.row = op.windows.starts[1]!;
      counts.places = op.places.starts[1]!;
      counts.values = tensors[op.x]!.high - tensors[op.x]!.low + 1;
      break;
    case 'logic':
    case 'select':
      break;
    case 'softmax': {
      const { low, high } = tensors[op.x]!;
      const values = softmaxValues(op.rule, op.tables);
      const form = { count: op.rule.count, low, high, parts: weightParts, ...op.tables, values };
      counts.softmax = softmaxCost(makeSoftmax(form)).constraints / op.rule.count;
      break;
    }
    case 'linear':
    case 'dotproduct':
    case 'gather':
    case 'constant':
      break;
  }
}

/** The symbols of docs/operators.md in that program. */
function symbolsOf(program: Program): Record<string, number> {
  const counts: Counts = {
    steps: 0,
    stepRows: 0,
    lookups: 0,
    lookupRows: 0,
    comparisons: 0,
    bits: 0,
    exceptions: 0,
    row: 0,
    values: 0,
    softmax: 0,
    places: 0,
  };
  for (const op of program.ops) addOp(counts, program, op);
  const mean = (sum: number, count: number) => (count === 0 ? 0 : sum / count);
  return {
    n: program.tensors[program.outputs[0]!.tensor]!.count,
    S: mean(counts.stepRows, counts.steps),
    L: mean(counts.lookupRows, counts.lookups),
    F: mean(counts.stepRows + counts.lookupRows, counts.steps + counts.lookups),
    c: counts.comparisons,
    b: counts.bits,
    r: counts.steps,
    e: counts.exceptions,
    k: counts.row,
    w: counts.values,
    Z: counts.softmax,
    t: counts.places,
  };
}

/** A formula's value; what stands behind a semicolon is a remark. */
function evaluateFormula(formula: string, symbols: Readonly<Record<string, number>>): number {
  const code = formula
    .split(';')[0]!
    .replaceAll('·', '*')
    .replaceAll('−', '-')
    .replace(/⌈log2\(/g, 'ceilLog2(')
    .replaceAll('⌉', '');
  return new Function('ceilLog2', ...Object.keys(symbols), `return ${code}`)(
    (v: number) => Math.ceil(Math.log2(v)),
    ...Object.values(symbols),
  );
}

describe.each(opChapters)('$title', (chapter) => {
  test.each(chapter.ops.map((op) => [op.domain === '' ? op.op : `${op.domain}.${op.op}`, op] as const))('%s', (name, op) => {
    const parts = operatorCases[name]!;
    expect(parts.parts!.flatMap((p) => p.nodes.map((n) => n.opType))).toContain(op.op);
    const program = buildProgram(buildGraph(decodeModel(model(parts))));
    const counted = countedRows(buildCircuit(program, makeLayout(program), 1n));
    expect(evaluateFormula(factsOf(chapter, op).constraints, symbolsOf(program))).toBeCloseTo(counted, 6);
  });
});

test('a formula that counts one too few would be noticed', () => {
  expect(evaluateFormula('n·(S + 2·L); L = 0', { n: 3, S: 10, L: 2 })).toBe(42);
  expect(evaluateFormula('(k − 1)·(⌈log2(k·w)⌉ + 1)', { k: 10, w: 256 })).toBe(117);
});
