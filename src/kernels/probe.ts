/**
 * Whether this machine has relaxed SIMD whose multiply-add rounds once. Without hardware for that, engines are free to round twice, and the vector kernels would be wrong.
 */
import { get, i32, makeModule, scratchBase, seq, set } from './wasm.ts';
import { f64x2, v128 } from './wasm-simd.ts';

let answer: boolean | null = null;

export function hasFusedVectors(): boolean {
  answer ??= probe();
  return answer;
}

function probe(): boolean {
  const writer = makeModule(false, 1);
  // z ← x · y + z and z ← z − x · y: vectors at 0, 16, 32 and 48.
  writer.routine('fused', 0, null, (scope) => {
    const base = scope.local('i32');
    const at = (offset: number) => v128.load(get(base), offset);
    return seq(
      set(base, i32.add(scratchBase, i32.const(0))),
      v128.store(get(base), f64x2.madd(at(0), at(16), at(32)), 32),
      v128.store(get(base), f64x2.nmadd(at(0), at(16), at(48)), 48),
    );
  });
  const bytes = writer.finish();
  if (!WebAssembly.validate(bytes)) return false;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, scratch: 0 } });
  const numbers = new Float64Array(memory.buffer, 0, 8);
  // (1 + 2^-30)² = 1 + 2^-29 + 2^-60: the last term is lost when the product is rounded. In the other lane (2^51 − 1)², whose high part is 2^102 − 2^52 and whose low part is 1.
  const [x, large] = [1 + 2 ** -30, 2 ** 51 - 1];
  const [high, largeHigh] = [1 + 2 ** -29, 2 ** 102 - 2 ** 52];
  numbers.set([x, large, x, large, -high, -largeHigh, high, largeHigh]);
  (exports.fused as () => void)();
  return numbers[4] === 2 ** -60 && numbers[5] === 1 && numbers[6] === -(2 ** -60) && numbers[7] === -1;
}
