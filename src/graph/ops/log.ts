/** Log: the natural logarithm, the C library's `logf` in WASM. */
import { log as logOf } from '../../float32/log.ts';
import { unaryOp } from '../unary.ts';

export const log = unaryOp('Log', 6, [], () => logOf);
