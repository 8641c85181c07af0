/** Shrink: x + bias below −lambd, x − bias above lambd, 0 between. */
import { floatAttribute } from '../call.ts';
import { unaryOp } from '../unary.ts';

const fl = Math.fround;

export const shrink = unaryOp('Shrink', 9, ['lambd', 'bias'], (call) => {
  const [lambd, bias] = [floatAttribute(call, 'lambd', 0.5), floatAttribute(call, 'bias', 0)];
  return (v) => (v < -lambd ? fl(v + bias) : v > lambd ? fl(v - bias) : 0);
});
