/**
 * A WebAssembly module written by hand: instructions as byte lists, functions with named locals, one imported memory and one imported global. Owns the binary
 * encoding of the small part of the format that our kernels use; knows nothing of fields or curves.
 *
 * An expression leaves one value on the stack, a statement none; both are byte lists, joined by `seq`. Reference: WebAssembly core specification 2.0, chapter 5.
 */

export type Code = readonly number[];
export type ValueType = 'i32' | 'i64' | 'v128';
/** Index of a parameter or local. */
export type Local = number;
/** Index of a function. */
export type Routine = number;

const typeByte = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;
const empty = 0x40;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && (low & 0x40) === 0) || (value === -1n && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

export function seq(...parts: readonly (Code | readonly Code[])[]): Code {
  return parts.flat(2) as number[];
}

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, opcode];
const unary =
  (opcode: number) =>
  (a: Code): Code => [...a, opcode];
const load =
  (opcode: number, alignment: number) =>
  (address: Code, offset = 0): Code => [...address, opcode, alignment, ...unsigned(offset)];
const store =
  (opcode: number, alignment: number) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, opcode, alignment, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(BigInt(value))],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  divU: binary(0x6e),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrU: binary(0x76),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  ltU: binary(0x49),
  load: load(0x28, 2),
  gtU: binary(0x4b),
  shrS: binary(0x75),
  load8: load(0x2d, 0),
  /** Sign-extended. */
  load16: load(0x2e, 1),
  store8: store(0x3a, 0),
  store16: store(0x3b, 1),
  store: store(0x36, 2),
  wrap: unary(0xa7),
} as const;

export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed(value)],
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shrS: binary(0x87),
  shrU: binary(0x88),
  eqz: unary(0x50),
  clz: unary(0x79),
  ltU: binary(0x54),
  geS: binary(0x59),
  eq: binary(0x51),
  extend: unary(0xad),
  /** Of a float64 towards zero; NaN gives 0. */
  truncate: (a: Code): Code => [...a, 0xfc, 0x06],
  load: load(0x29, 3),
  /** An unsigned 32-bit word. */
  load32: load(0x35, 2),
  store: store(0x37, 3),
  store32: store(0x3e, 2),
} as const;

export const loadFloat = load(0x2b, 3);

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const tee = (local: Local, value: Code): Code => [...value, 0x22, ...unsigned(local)];
export const call = (routine: Routine, ...args: readonly Code[]): Code => [...seq(args), 0x10, ...unsigned(routine)];
export const select = (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b];
/** The imported global: where this instance's working memory starts. */
export const scratchBase: Code = [0x23, 0];
export const returnValue = (value: Code = []): Code => [...value, 0x0f];
export const when = (condition: Code, yes: Code, no?: Code): Code => [
  ...condition,
  0x04,
  empty,
  ...yes,
  ...(no === undefined ? [] : [0x05, ...no]),
  0x0b,
];
/** Runs the body at least once, again as long as `again` holds. */
export const loopWhile = (body: Code, again: Code): Code => [0x03, empty, ...body, ...again, 0x0d, 0, 0x0b];
/** Copies bytes; the ranges may overlap. */
export const copyBytes = (target: Code, source: Code, sizeBytes: Code): Code => [...target, ...source, ...sizeBytes, 0xfc, 0x0a, 0, 0];
export const fillBytes = (target: Code, byte: number, sizeBytes: Code): Code => [
  ...target,
  ...i32.const(byte),
  ...sizeBytes,
  0xfc,
  0x0b,
  0,
];

export interface FunctionScope {
  /** This function, for recursion. */
  readonly self: Routine;
  local(type: ValueType): Local;
  locals(type: ValueType, count: number): readonly Local[];
}

export interface ModuleWriter {
  /** Parameters are locals 0, 1, …, all i32. With a name the function is exported. */
  routine(name: string | null, paramCount: number, result: 'i32' | null, body: (scope: FunctionScope) => Code): Routine;
  finish(): Uint8Array<ArrayBuffer>;
}

/** Imports: `env.memory` (shared or not) and `env.scratch`, an immutable i32. */
export function makeModule(shared: boolean, maximumPages: number): ModuleWriter {
  const bodies: Code[] = [];
  const types: Code[] = [];
  const exports: Code[] = [];
  const text = (value: string): Code => {
    const bytes = new TextEncoder().encode(value);
    return [...unsigned(bytes.length), ...bytes];
  };
  const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...seq(items)];
  const section = (id: number, body: Code): Code => [id, ...unsigned(body.length), ...body];
  return {
    routine(name, paramCount, result, body) {
      const self = bodies.length;
      bodies.push([]);
      types.push([
        0x60,
        ...vector(Array.from({ length: paramCount }, () => [typeByte.i32])),
        ...vector(result === null ? [] : [[typeByte[result]]]),
      ]);
      if (name !== null) exports.push([...text(name), 0x00, ...unsigned(self)]);
      const locals: ValueType[] = [];
      const local = (type: ValueType): Local => paramCount + locals.push(type) - 1;
      const code = body({ self, local, locals: (type, count) => Array.from({ length: count }, () => local(type)) });
      const declared = vector(locals.map((type) => [1, typeByte[type]]));
      bodies[self] = [...unsigned(declared.length + code.length + 1), ...declared, ...code, 0x0b];
      return self;
    },
    finish() {
      const memory = [...text('env'), ...text('memory'), 0x02, shared ? 0x03 : 0x01, ...unsigned(1), ...unsigned(maximumPages)];
      const scratch = [...text('env'), ...text('scratch'), 0x03, typeByte.i32, 0x00];
      return Uint8Array.from([
        ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        ...section(1, vector(types)),
        ...section(2, vector([memory, scratch])),
        ...section(3, vector(types.map((_, i) => unsigned(i)))),
        ...section(7, vector(exports)),
        ...section(10, vector(bodies)),
      ]);
    },
  };
}
