/**
 * Hints: how the witness generator computes the wires that no row determines. They are opcodes, never closures, so that a circuit can be stored and its witness
 * made elsewhere. A hint CONSTRAINS NOTHING: whoever allocates one writes the rows that leave the prover no other value.
 *
 * Pure functions. `run` works on safe integers: inputs come centred (a field element v > r/2 as v − r) and |v| < 2^53; every output must be a safe integer. The arrays are
 * scratch that the caller reuses: do not keep them. `wide` works on field elements in [0, r) and is called when `run` is absent or an input is no safe integer.
 * An opcode is its index in `hints`: append, never reorder.
 */
export interface Hint {
  readonly name: string;
  readonly run?: (x: Float64Array, params: Float64Array, out: Float64Array) => void;
  readonly wide?: (x: readonly bigint[], params: Float64Array, out: bigint[], modulus: bigint) => void;
}

/** 1/x, and 0 for x = 0. Inputs [x]; outputs [inverse]. */
const inverse: Hint = {
  name: 'inverse',
  wide: (x, _params, out, modulus) => {
    let [a, b, u, v] = [x[0]!, modulus, 1n, 0n];
    while (a > 1n) {
      const quotient = b / a;
      [a, b, u, v] = [b - quotient * a, a, v - quotient * u, u];
    }
    out[0] = a === 0n ? 0n : u < 0n ? u + modulus : u;
  },
};

/** Binary digits of x ∈ [0, 2^n), lowest first. Inputs [x]; outputs n bits. */
const bits: Hint = {
  name: 'bits',
  run: (x, _params, out) => {
    let rest = x[0]!;
    for (let i = 0; i < out.length; i++) {
      const half = Math.floor(rest / 2);
      out[i] = rest - 2 * half;
      rest = half;
    }
  },
};

/** ⌊x/d⌋ exactly, for safe integers x and d > 0: a double quotient may round up to the next integer, the remainder tells. */
function floorDivide(x: number, d: number): number {
  const quotient = Math.floor(x / d);
  const rest = x - quotient * d;
  return rest < 0 ? quotient - 1 : rest >= d ? quotient + 1 : quotient;
}

/** ⌈log2 A⌉: the bits of a digit in [0, A). */
export function digitBits(modulus: number): number {
  let count = 0;
  for (let power = 1; power < modulus; power *= 2) count++;
  return count;
}

/**
 * Mixed-radix digits of x, each as bits (radix.ts). Inputs [x]; params the moduli A_0, A_1, …; outputs the bits of every digit, lowest digit and lowest bit first, but for the
 * very first bit, which needs no wire. A digit's top bit is [digit ≥ 2^(n−1)], so that witnesses are canonical.
 */
const radix: Hint = {
  name: 'radix',
  run: (x, params, out) => {
    let rest = x[0]!;
    let at = -1;
    for (const modulus of params) {
      const quotient = floorDivide(rest, modulus);
      let digit = rest - quotient * modulus;
      rest = quotient;
      const count = digitBits(modulus);
      let half = 1;
      for (let i = 1; i < count; i++) half *= 2;
      const top = digit >= half ? 1 : 0;
      digit -= top * (modulus - half);
      for (let i = 0; i < count; i++, at++) {
        const lower = Math.floor(digit / 2);
        if (at >= 0) out[at] = i === count - 1 ? top : digit - 2 * lower;
        digit = lower;
      }
    }
  },
};

/** Inputs [x]; params [d]; outputs [⌊x/d⌋]. */
const quotient: Hint = {
  name: 'quotient',
  run: (x, params, out) => {
    out[0] = floorDivide(x[0]!, params[0]!);
  },
};

/** The largest input. */
const maximum: Hint = {
  name: 'maximum',
  run: (x, _params, out) => {
    let most = x[0]!;
    for (let i = 1; i < x.length; i++) most = Math.max(most, x[i]!);
    out[0] = most;
  },
};

/** Inputs [s], s ∈ [0, count]; params [multiple of 1 … count]; outputs [[s = 0], multiple/s or 0]: the two wires of `noneOf`. */
const none: Hint = {
  name: 'none',
  run: (x, params, out) => {
    const s = x[0]!;
    out[0] = s === 0 ? 1 : 0;
    if (out.length > 1) out[1] = s === 0 ? 0 : floorDivide(params[0]!, s);
  },
};

/** Inputs [x]; params a value base and then thresholds, ascending; outputs [base + how many thresholds are ≤ x]. */
const step: Hint = {
  name: 'step',
  run: (x, params, out) => {
    let under = 1;
    let over = params.length;
    while (under < over) {
      const middle = (under + over) >> 1;
      if (params[middle]! <= x[0]!) under = middle + 1;
      else over = middle;
    }
    out[0] = params[0]! + under - 1;
  },
};

/** Inputs [x]; outputs [x < 0]. */
const sign: Hint = {
  name: 'sign',
  run: (x, _params, out) => {
    out[0] = x[0]! < 0 ? 1 : 0;
  },
};

/**
 * Inputs [x ≥ 0]; params [E]; outputs 2^(E−e) and the bits of e ∈ [0, E] (as a digit of modulus E + 1): how many bits x has beyond float32's 24.
 */
const exponent: Hint = {
  name: 'exponent',
  run: (x, params, out) => {
    const most = params[0]!;
    let e = 0;
    for (let limit = 0x100_0000; limit <= x[0]! && e < most; limit *= 2) e++;
    let power = 1;
    for (let i = e; i < most; i++) power *= 2;
    out[0] = power;
    const count = out.length - 1;
    let half = 1;
    for (let i = 1; i < count; i++) half *= 2;
    const top = e >= half ? 1 : 0;
    let rest = e - top * (most + 1 - half);
    for (let i = 1; i < count; i++) {
      out[i] = rest % 2;
      rest = Math.floor(rest / 2);
    }
    out[count] = top;
  },
};

/** Inputs [n ≥ 0, d > 0]; outputs [the integer nearest to n/d, halves to the even one]. */
const nearest: Hint = {
  name: 'nearest',
  run: (x, _params, out) => {
    const [n, d] = [x[0]!, x[1]!];
    const below = floorDivide(n, d);
    const twice = 2 * (n - below * d);
    out[0] = twice > d || (twice === d && below % 2 !== 0) ? below + 1 : below;
  },
};

/**
 * Inputs n distinct keys; params [k, n, flip]; outputs for each of the k largest, in falling order: n − 1 flags, flag i for key i (none for the last one), and the digit ⌊key/n⌋, or
 * flip − that where flip ≥ 0.
 */
const largest: Hint = {
  name: 'largest',
  run: (x, params, out) => {
    const [k, n, flip] = [params[0]!, params[1]!, params[2]!];
    let under = Number.POSITIVE_INFINITY;
    for (let j = 0; j < k; j++) {
      let at = -1;
      for (let i = 0; i < n; i++) if (x[i]! < under && (at < 0 || x[i]! > x[at]!)) at = i;
      under = at < 0 ? under : x[at]!;
      for (let i = 0; i < n - 1; i++) out[j * n + i] = i === at ? 1 : 0;
      const digit = at < 0 ? 0 : floorDivide(x[at]!, n);
      out[j * n + n - 1] = flip < 0 ? digit : flip - digit;
    }
  },
};

export const opcodes = {
  inverse: 0,
  bits: 1,
  radix: 2,
  quotient: 3,
  maximum: 4,
  none: 5,
  step: 6,
  sign: 7,
  exponent: 8,
  nearest: 9,
  largest: 10,
} as const;

export const hints: readonly Hint[] = [inverse, bits, radix, quotient, maximum, none, step, sign, exponent, nearest, largest];
