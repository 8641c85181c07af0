/** Floor, Ceil and Round (half to even): exact in floats. */
import { roundHalfEven } from '../quantization.ts';
import { unaryOp } from '../unary.ts';

export const floor = unaryOp('Floor', 6, [], () => Math.floor);
export const ceil = unaryOp('Ceil', 6, [], () => Math.ceil);
export const round = unaryOp('Round', 11, [], () => roundHalfEven);
