/**
 * The vector instructions that our kernels use: two 64-bit lanes, as integers or as float64, with the fused multiplication and addition of relaxed SIMD. Expressions as in wasm.ts.
 *
 * Reference: WebAssembly core specification 3.0, §5.4.8; relaxed SIMD: `relaxed_madd` may round once or twice, which `probe.ts` finds out.
 */
import type { Code } from './wasm.ts';

const prefix = 0xfd;

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, prefix, ...leb(opcode)];
const unary =
  (opcode: number) =>
  (a: Code): Code => [...a, prefix, ...leb(opcode)];
const load =
  (opcode: number, alignment: number) =>
  (address: Code, offset = 0): Code => [...address, prefix, ...leb(opcode), alignment, ...leb(offset)];

export const v128 = {
  load: load(0x00, 3),
  /** One 64-bit word into both lanes. */
  loadSplat: load(0x0a, 3),
  /** One 64-bit word into lane 0, zero into lane 1. */
  loadLow: load(0x5d, 3),
  /** Replaces lane 1 by a 64-bit word. */
  loadHigh: (address: Code, vector: Code, offset = 0): Code => [...address, ...vector, prefix, 0x57, 3, ...leb(offset), 1],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, prefix, 0x0b, 3, ...leb(offset)],
  storeLane: (address: Code, value: Code, lane: 0 | 1, offset = 0): Code => [...address, ...value, prefix, 0x5b, 3, ...leb(offset), lane],
  and: binary(0x4e),
  or: binary(0x50),
  xor: binary(0x51),
  anyTrue: unary(0x53),
  /** Lane `first` of a, then lane `second` of b. */
  lanes: (a: Code, first: 0 | 1, b: Code, second: 0 | 1): Code => [
    ...a,
    ...b,
    prefix,
    0x0d,
    ...Array.from({ length: 8 }, (_, i) => 8 * first + i),
    ...Array.from({ length: 8 }, (_, i) => 16 + 8 * second + i),
  ],
} as const;

export const i64x2 = {
  splat: unary(0x12),
  extract: (a: Code, lane: 0 | 1): Code => [...a, prefix, 0x1d, lane],
  replaceHigh: (a: Code, value: Code): Code => [...a, ...value, prefix, 0x1e, 1],
  add: binary(0xce),
  sub: binary(0xd1),
  eq: binary(0xd6),
  /** Both lanes by an i32. */
  shl: binary(0xcb),
  shrS: binary(0xcc),
  shrU: binary(0xcd),
} as const;

export const f64x2 = {
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  /** a · b + c. */
  madd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, prefix, ...leb(0x107)],
  /** c − a · b. */
  nmadd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, prefix, ...leb(0x108)],
} as const;
