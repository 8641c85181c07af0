/** Operators of two tensors, or of one and a constant, with broadcasting. */
import type { Draft, Family, FuzzCase, Wire } from '../draft.ts';

function shapes({ random, small }: Draft): readonly [readonly number[], readonly number[], readonly number[]] {
  const [c, h, w] = small ? [2, 2, 3] : [random.int(1, 4), random.int(1, 8), random.int(8, 40)];
  const full = [1, c, h, w];
  const other = random.oneOf([full, full, full, [1, c, 1, 1], [w], [1, 1, 1, 1], [c, h, w]]);
  return random.chance(0.2) ? [other, full, full] : [full, other, full];
}

/** Both operands, the magnitude of their sum, and of their product. */
function operands(draft: Draft, make: 'input' | 'integers') {
  const { random, scales } = draft;
  const [da, db, dims] = shapes(draft);
  const dtype = random.dtype();
  const qa = scales.quantization(dtype);
  // Scales far apart in one case of four.
  const qb = scales.quantization(dtype, scales.near(qa.scale, random.chance(0.25) ? 64 : 3));
  const [a, b]: [Wire, Wire] = [draft[make](da, qa), draft[make](db, qb)];
  return { a, b, dims, dtype, sum: 128 * Math.max(qa.scale, qb.scale), product: 6000 * qa.scale * qb.scale };
}

function binary(op: 'Add' | 'Sub' | 'Mul' | 'Max' | 'Min') {
  return (draft: Draft): FuzzCase => {
    const { a, b, dims, dtype, sum, product } = operands(draft, 'input');
    let y = draft.float(op, [a.name, b.name]);
    if (op !== 'Max' && op !== 'Min' && draft.random.chance(0.2)) y = draft.float('Relu', [y]);
    return draft.finish([draft.pair(y, dims, draft.result(dtype, op === 'Mul' ? product : sum))]);
  };
}

function qlinearBinary(op: 'QLinearAdd' | 'QLinearMul') {
  return (draft: Draft): FuzzCase => {
    const { a, b, dims, dtype, sum, product } = operands(draft, 'integers');
    const q = draft.result(dtype, op === 'QLinearMul' ? product : sum);
    const inputs = [a.name, ...draft.parameters(a.q), b.name, ...draft.parameters(b.q), ...draft.parameters(q)];
    return draft.finish([draft.qlinear(op, inputs, dims, q)], true);
  };
}

function withConstant(op: 'Add' | 'Sub' | 'Mul' | 'Div') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = draft.small ? [1, 2, 3] : [1, random.int(1, 6), 256];
    const x = draft.input(dims, scales.quantization(random.dtype()));
    const count = random.chance(0.5) ? 1 : dims[1]!;
    const relative = op === 'Add' || op === 'Sub' ? 64 * x.q.scale : 1;
    const constants = Array.from({ length: count }, () => (random.chance(0.5) ? 1 : -1) * random.logUniform(relative / 8, relative * 8));
    const c = draft.floats(count === 1 ? [] : [count, 1], constants);
    const reversed = op !== 'Div' && random.chance(0.3);
    const size = 100 * x.q.scale;
    const amplitude = op === 'Div' ? size / Math.abs(constants[0]!) : op === 'Mul' ? size * Math.abs(constants[0]!) : size + relative;
    const inputs = reversed ? [c, x.name] : [x.name, c];
    return draft.finish([draft.op(op, inputs, dims, draft.result(x.q.dtype, amplitude))]);
  };
}

/** How far apart two tensors are. */
function distance(draft: Draft): FuzzCase {
  const { a, b, dims, dtype, sum } = operands(draft, 'input');
  const difference = draft.float('Sub', [a.name, b.name]);
  return draft.finish([draft.op('Abs', [difference], dims, draft.result(dtype, sum))]);
}

export const binaries: Family = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  'Abs of a difference': distance,
  Mul: binary('Mul'),
  Max: binary('Max'),
  Min: binary('Min'),
  QLinearAdd: qlinearBinary('QLinearAdd'),
  QLinearMul: qlinearBinary('QLinearMul'),
  'Add a constant': withConstant('Add'),
  'Sub a constant': withConstant('Sub'),
  'Mul by a constant': withConstant('Mul'),
  'Div by a constant': withConstant('Div'),
};
