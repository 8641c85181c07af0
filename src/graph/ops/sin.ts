/** Sin and Cos: the C library's `sinf` and `cosf` in WASM; angles up to 2^28·π/2. */
import { cos as cosOf, sin as sinOf } from '../../float32/sin.ts';
import { unaryOp } from '../unary.ts';

export const sin = unaryOp('Sin', 7, [], () => sinOf);
export const cos = unaryOp('Cos', 7, [], () => cosOf);
