/** Routines of a prime field over pairs of elements in memory; `vector-limbs.ts` has the arithmetic and its bounds. */
import { makeConversions } from './vector-convert.ts';
import { loadPair, makeVectorCode, storePair, type VectorCode, type VectorConstants } from './vector-limbs.ts';
import { get, type ModuleWriter, type Routine, seq } from './wasm.ts';
import { v128 } from './wasm-simd.ts';

export interface VectorField {
  readonly code: VectorCode;
  readonly constants: VectorConstants;
  /** Routines over pairs, the result's address first; results may overwrite operands. Products in the sense above. */
  readonly mul: Routine;
  /** Of limbs within 2^50. */
  readonly sqr: Routine;
  /** Pair ← 64 bytes, two integers below 2^256 times 2^256. */
  readonly unpack: Routine;
  /** 64 bytes, canonical, times 2^256 ← pair of products. */
  readonly pack: Routine;
}

export function makeVectorField(module: ModuleWriter, constants: VectorConstants, name: string, p: bigint): VectorField {
  const code = makeVectorCode(constants, p);
  const mul = module.routine(`${name}PairMul`, 3, null, (scope) => {
    const y = loadPair(scope, get(2));
    const out = code.product(scope, (i) => v128.load(get(1), 16 * i), y.limbs);
    return seq(y.code, out.code, storePair(get(0), out.limbs));
  });
  const sqr = module.routine(`${name}PairSqr`, 2, null, (scope) => {
    const x = loadPair(scope, get(1));
    const out = code.square(scope, x.limbs);
    return seq(x.code, out.code, storePair(get(0), out.limbs));
  });
  return { code, constants, mul, sqr, ...makeConversions(module, constants, name, code) };
}
