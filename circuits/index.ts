/**
 * The gadget library, entry point `zkonnx/circuits`: what a reviewer audits. Each file's doc block says what it constrains, what it assumes, what it costs and what is free by
 * design; `api.ts` is the interface that gadgets write to, `hints.ts` what the witness generator runs.
 */
export type { Api, Coefficient, Cost, Wire } from './api.ts';
export { ONE } from './api.ts';
export type { Argmax, ArgmaxShape } from './argmax.ts';
export { argmaxCost, emitArgmax, makeArgmax } from './argmax.ts';
export { context, contextCost, tag, tagCost } from './binding.ts';
export { boolean, booleanCost, booleanSum } from './boolean.ts';
export { commitment, commitmentCost } from './commitment.ts';
export type { Comparison } from './compare.ts';
export { atLeastZero, atLeastZeroCost, makeComparison } from './compare.ts';
export type { Rounding } from './float32.ts';
export { emitRounding, makeRounding, roundCost } from './float32.ts';
export type { Hint } from './hints.ts';
export { hints, opcodes } from './hints.ts';
export type { InnerProduct } from './inner-product.ts';
export { beginInnerProduct, endInnerProduct, innerProductCost, makeInnerProduct, plusProduct } from './inner-product.ts';
export type { Line, LineForm } from './line.ts';
export { emitLine, lineCost, makeLine } from './line.ts';
export type { Maximum } from './maximum.ts';
export { makeMaximum, maximum, maximumCost } from './maximum.ts';
export { packCost, wordElements, wordWeight } from './pack.ts';
export type { PoseidonAlgebra } from './poseidon/algebra.ts';
export { poseidonAlgebra } from './poseidon/algebra.ts';
export type { FieldSum } from './poseidon/field-sum.ts';
export { defineFieldAs, newFieldSum, plusTerm, resetField } from './poseidon/field-sum.ts';
export type { PoseidonConstants } from './poseidon/grain.ts';
export { poseidonConstants } from './poseidon/grain.ts';
export { commitmentHash, poseidonHash } from './poseidon/hash.ts';
export { poseidon, poseidonCost } from './poseidon/permutation.ts';
export type { Radix } from './radix.ts';
export { makeRadix, plusBit, plusBitCount, plusDigit, radixCost, split } from './radix.ts';
export type { Range } from './range.ts';
export { makeRange, range, rangeCost } from './range.ts';
export { both, differ, either, select, selectCost } from './select.ts';
export type { Softmax, SoftmaxForm } from './softmax.ts';
export { emitSoftmax, makeSoftmax, softmaxCost } from './softmax.ts';
export type { Form, Step } from './step.ts';
export { emitStep, makeStep, stepCost } from './step.ts';
export type { Sum } from './sum.ts';
export { asWire, newSum, plus, plusWire, reset } from './sum.ts';
export type { Table } from './table.ts';
export { emitIndex, indexCost, lookup, lookupCost, makeTable, plusLookup, plusLookupCost } from './table.ts';
export type { Thresholds, ThresholdsForm } from './thresholds.ts';
export { emitThresholds, makeThresholds, thresholdsCost } from './thresholds.ts';
export { isZero, isZeroCost, noneOf, noneOfCost } from './zero.ts';
