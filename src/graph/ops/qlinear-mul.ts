/** com.microsoft QLinearMul: A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point. */
import type { Op } from '../call.ts';
import { qlinearBinary } from './qlinear-add.ts';

export const qlinearMul: Op = { ...qlinearBinary('QLinearMul', 'multiply'), facts: { constraints: 'n·(1 + S + 5·e)' } };
