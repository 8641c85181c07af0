/** dotproduct: a row for each product of two unknown elements, chained to the sum (circuits/inner-product.ts). */
import { beginInnerProduct, endInnerProduct, makeInnerProduct, plusProduct } from '../../../circuits/inner-product.ts';
import { newSum, reset } from '../../../circuits/sum.ts';
import type { ProgramOp } from '../../program/program.ts';
import { productsOf } from '../../program/verify.ts';
import { elementsOf, type Lowering, lowerElements, plusElement, tensorOf } from './lowering.ts';

export function lowerDotProduct(lowering: Lowering, op: ProgramOp & { kind: 'dotproduct' }): void {
  const { api } = lowering;
  const { rows, inner, columns, aZero, bZero } = op;
  const { low } = tensorOf(lowering, op.y);
  const [as, bs] = [elementsOf(lowering, op.a), elementsOf(lowering, op.b)];
  const chain = makeInnerProduct(Math.min(...productsOf(op, tensorOf(lowering, op.a), tensorOf(lowering, op.b))));
  const [left, right] = [newSum(), newSum()];
  api.gadget('inner product');
  lowerElements(lowering, op.y, (o, y) => {
    const column = o % columns;
    const row = (o - column) / columns;
    const matrix = Math.floor(row / rows) * inner * columns;
    beginInnerProduct(chain, op.bias[o % op.bias.length]!);
    for (let k = 0; k < inner; k++) {
      plusElement(reset(left, -aZero), as, row * inner + k, 1);
      plusElement(reset(right, -bZero), bs, matrix + k * columns + column, 1);
      plusProduct(api, chain, left, right);
    }
    const wire = endInnerProduct(api, chain, low);
    if (wire === null) y.offsets[o] = chain.rest.constant;
    else [y.wires[o], y.offsets[o]] = [wire, low];
  });
}
