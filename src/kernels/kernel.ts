/**
 * The kernels' module, made in memory once per process, and instances of it over one memory that threads may share. Owns the list of exported routines and where the memory's parts begin.
 *
 * Nothing here is thread-safe by itself: every instance has working memory of its own, and whoever hands out tasks sees to it that they write to different places.
 */
import { baseOrder, invert, mod, readLittleEndian, scalarOrder } from '../field/bn254.ts';
import { makeBucketKernels } from './bucket-code.ts';
import { type GroupCode, makeGroup } from './curve-code.ts';
import {
  elementBytes,
  type FieldCode,
  limbBits,
  limbCount,
  limbsOf,
  makePrimeField,
  makeSlots,
  montgomery,
  type PrimeField,
  type Slots,
} from './field-code.ts';
import { makeScalarKernels } from './ntt-code.ts';
import { makePointKernels } from './point-code.ts';
import { hasFusedVectors } from './probe.ts';
import { makeQuadraticField } from './quadratic-field.ts';
import { makeRowProducts, makeScalarRows } from './row-products.ts';
import { makeScalarBatch } from './scalar-batch.ts';
import { makeRecode, makeScalarChoice } from './scalar-choice.ts';
import { makeVectorCoordinates } from './vector-coordinate.ts';
import { makeVectorGroup } from './vector-curve.ts';
import { makeVectorField } from './vector-field.ts';
import { makeVectorConstants, pairBytes, singleBytes, type VectorConstants, vectorLimbBits, vectorLimbs } from './vector-limbs.ts';
import { makeVectorTransforms, writePair } from './vector-ntt.ts';
import { type Code, call, fillBytes, get, i32, i64, type Local, type ModuleWriter, makeModule, select, seq } from './wasm.ts';

export { elementBytes } from './field-code.ts';

export interface FieldRoutines {
  mul(out: number, x: number, y: number): void;
  sqr(out: number, x: number): void;
  add(out: number, x: number, y: number): void;
  sub(out: number, x: number, y: number): void;
  sub2(out: number, x: number, y: number, z: number): void;
  inverse(out: number, x: number): void;
  /** Reads R = 2^256 Montgomery coordinates; writes the element and its negative. */
  readPair(out: number, bytes: number): void;
}

export interface PrimeRoutines extends FieldRoutines {
  writeCanonical(out: number, x: number): void;
}

/** Routines of a group; see curve-code.ts for records, entries and sums. */
export interface GroupRoutines extends BulkRoutines {
  readonly coordinateBytes: number;
  /** X, Y, ZZ, ZZZ. */
  readonly sumBytes: number;
  /** A point of a zkey. */
  readonly fileBytes: number;
  /** Batches in the form that this machine adds fastest; the group's own have records x, y, −y and points x, y of the scalar field. */
  readonly bulk: BulkRoutines;
  readPoint(record: number, bytes: number): void;
  /** 1 for a point of the curve and for infinity: x, y. */
  onCurve(point: number): number;
  batchForward(pairs: number, out: number, count: number): void;
  batchInvert(): void;
  batchBackward(pairs: number, out: number, count: number): void;
  addMixed(sum: number, entry: number): void;
  addSum(sum: number, other: number): void;
  double(sum: number): void;
  toAffine(out: number, sum: number): void;
}

/** Affine additions by the thousand, in one form of points. Addresses are multiples of 8. */
export interface BulkRoutines {
  /** A key's point, ready to be added; its address + 1 stands for its opposite. */
  readonly recordBytes: number;
  /** A sum; never taken with a minus. Records may stand for sums, not the other way round. */
  readonly pointBytes: number;
  /** Records of `count` ≥ 1 points of a zkey. */
  readPoints(records: number, bytes: number, count: number): void;
  /** out_i = first_i + second_i for 1 ≤ count ≤ 4096 pairs of entries; there is room for one more pair and one more point. */
  addPairs(pairs: number, out: number, count: number): void;
  copyEntry(out: number, entry: number): void;
  /** The bytes that `readPoints` reads, of one record or sum. */
  writePoint(bytes: number, point: number): void;
  /**
   * Adds ±record_i to bucket |digit_i| − 1 for count ≥ 1 records and signed 16-bit digits; those of zero are passed over. A bucket has a flag byte when it holds a point.
   * @param frame where to work: see `SumWork`.
   */
  addToBuckets(records: number, digits: number, count: number, bucketCount: number, buckets: number, flags: number, frame: number): void;
  /** A sum in `GroupRoutines`' form: Σ (b + 1) · bucket_b over those of `count`, a power of two, that have a flag; the others may be overwritten. */
  sumBuckets(buckets: number, flags: number, count: number, out: number, frame: number): void;
  /** Adds one to widths[w] (u32) for each of count ≥ 1 scalars whose point is not infinity: w ≤ 53 bits for small integers of either sign. */
  classify(scalars: number, records: number, count: number, widths: number): void;
  /** Copies records, and scalars in two's complement, of those with widths from `least` ≥ 1 to `most`, until `room` ≥ 1 are taken or all are seen; their number goes to `seen`. Returns how many were taken. */
  choose(
    scalars: number,
    records: number,
    count: number,
    least: number,
    most: number,
    outRecords: number,
    outScalars: number,
    room: number,
    seen: number,
  ): number;
}

/**
 * Transforms over the scalar field, and what a quotient needs besides. An array of N elements is N/lanes columns: with two lanes element i lies beside element i + N/2 (vector-ntt.ts). All layers but the one that
 * joins the lanes are those of an array of N/lanes columns; twiddles are single elements.
 */
export interface TransformRoutines {
  readonly lanes: 1 | 2;
  readonly columnBytes: number;
  /** A twiddle, or a power. */
  readonly factorBytes: number;
  /** Elements are in Montgomery form with R = 2^exponent. */
  readonly exponent: number;
  frequencyLayer(block: number, half: number, table: number, first: number, count: number): void;
  frequencyBlock(block: number, half: number, table: number): void;
  timeLayer(block: number, half: number, table: number, first: number, count: number): void;
  timeBlock(block: number, half: number, table: number): void;
  /** With two lanes only: columns `first` … of the layer of half-size N/2, whose twiddles begin at `table`. */
  frequencyCross(rows: number, table: number, first: number, count: number): void;
  timeCross(rows: number, table: number, first: number, count: number): void;
  /** Constants as `writePowers` leaves them; writes a multiple of `lanes` elements. */
  powers(out: number, count: number, first: number, ratio: number): void;
  everySecond(out: number, source: number, count: number): void;
  shiftCoset(block: number, first: number, count: number, log: number, powers: number): void;
  /** `factor` as a column. */
  multiplyRows(a: number, b: number, c: number, count: number, factor: number): void;
  /** a · b − c; `second` is where lane 1's elements go. */
  quotientRows(a: number, b: number, c: number, out: number, second: number, count: number): void;
  /** The same without c. */
  productRows(a: number, b: number, c: number, out: number, second: number, count: number): void;
  /** `half`: half the number of rows. */
  rowProducts(terms: number, count: number, witness: number, a: number, b: number, factors: number, half: number): void;
}

export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly fq: PrimeRoutines;
  readonly fr: PrimeRoutines;
  readonly fq2: FieldRoutines;
  readonly g1: GroupRoutines;
  readonly g2: GroupRoutines;
  readonly transform: TransformRoutines;
  /**
   * Signed 16-bit digits of count ≥ 1 scalars in 32 bytes of two's complement: digit w of all at out + step · w. |scalar| < 2^(windows · bits − 1), bits ≤ 16.
   * @param bias 40 bytes: `biasWords`.
   */
  recode(scalars: number, count: number, bits: number, windows: number, out: number, step: number, bias: number): void;
}

export interface KernelModule {
  /** Constants of the vector kernels, to be laid into each instance's working memory; null without them. */
  readonly constants: { readonly start: number; readonly words: readonly bigint[] } | null;
  readonly module: WebAssembly.Module;
  /** Of every instance's working memory. */
  readonly scratchBytes: number;
  readonly shared: boolean;
}

export const maximumPages = 65536;
export const pageBytes = 65536;

/**
 * Generates and compiles the module. Some tens of milliseconds; the callers keep it.
 * @param vectors with relaxed SIMD, where a probe finds it to be exact; without, everything is done on the scalar fields.
 */
export function makeKernelModule(shared: boolean, vectors = hasFusedVectors()): KernelModule {
  const module = makeModule(shared, maximumPages);
  const slots = makeSlots();
  const fq = makePrimeField(module, slots, 'fq', baseOrder);
  const fr = makePrimeField(module, slots, 'fr', scalarOrder);
  const fq2 = makeQuadraticField(module, slots, 'fq2', fq);
  const one = limbsOf(montgomery(1n, baseOrder));
  const writeOne = (address: Local): Code => seq(one.map((limb, i) => i64.store32(get(address), i64.const(limb), 4 * i)));
  const writeOne2 = (address: Local): Code =>
    seq(writeOne(address), fillBytes(i32.add(get(address), i32.const(elementBytes)), 0, i32.const(elementBytes)));
  const g1 = makeGroup(module, slots, 'g1', fq, writeOne);
  const g2 = makeGroup(module, slots, 'g2', fq2, writeOne2);
  makePointKernels(module, slots, 'g1', fq, fq, [3n]);
  // 3/(9 + u) = 3(9 − u)/82.
  const twist = invert(82n, baseOrder);
  makePointKernels(module, slots, 'g2', fq2, fq, [mod(27n * twist, baseOrder), mod(-3n * twist, baseOrder)]);
  makeScalarKernels(module, slots, fr);
  makeRowProducts(module, slots, 'rowProducts', fr, makeScalarRows(module, slots, fr));
  for (const [name, field, group] of [
    ['g1', fq, g1],
    ['g2', fq2, g2],
  ] as const) {
    const [recordBytes, pointBytes] = [3 * field.sizeBytes, 2 * field.sizeBytes];
    const setInfinity = (point: Code): Code => fillBytes(point, 0, i32.const(pointBytes));
    const batch = makeScalarBatch(module, slots, name, field, group);
    makeBucketKernels(module, slots, name, { ...batch, recordBytes, pointBytes, addPoint: group.addMixed, setInfinity }, group);
    makeScalarChoice(module, name, recordBytes, group.isInfinite);
  }
  makeRecode(module, slots);
  const constants = vectors ? makeVectorKernels(module, slots, { fq, fr, fq2, g1, g2 }) : null;
  return {
    module: new WebAssembly.Module(module.finish()),
    constants: constants === null ? null : { start: constants.start, words: constants.words() },
    scratchBytes: slots.sizeBytes,
    shared,
  };
}

function makeVectorKernels(
  module: ModuleWriter,
  slots: Slots,
  scalar: { readonly fq: FieldCode; readonly fr: PrimeField; readonly fq2: FieldCode; readonly g1: GroupCode; readonly g2: GroupCode },
): VectorConstants {
  const constants = makeVectorConstants(slots);
  const coordinates = makeVectorCoordinates(module, slots, makeVectorField(module, constants, 'fq', baseOrder), scalar);
  for (const name of ['g1', 'g2'] as const) {
    const group = scalar[name];
    const vectorName = `${name}Vector`;
    const vector = makeVectorGroup(module, slots, vectorName, coordinates[name]);
    const [bytes, record] = [slots.take(group.fileBytes), slots.take(3 * group.sizeBytes)];
    const addPoint = module.routine(null, 2, null, () =>
      seq(call(vector.writePoint, bytes, get(1)), call(group.readPoint, record, bytes), call(group.addMixed, get(0), record)),
    );
    const pointBytes = 2 * coordinates[name].degree * singleBytes;
    makeBucketKernels(module, slots, vectorName, { ...vector, recordBytes: pointBytes, pointBytes, addPoint }, group);
    makeScalarChoice(module, vectorName, pointBytes, vector.isInfinite);
  }
  const fr = makeVectorField(module, constants, 'fr', scalarOrder);
  const add = makeVectorTransforms(module, slots, fr, scalar.fr);
  makeRowProducts(module, slots, 'vectorRowProducts', scalar.fr, {
    add,
    address: (rows, index) => {
      const isLow = i32.ltU(index, get(6));
      const column = i32.sub(index, select(isLow, i32.const(0), get(6)));
      return i32.add(i32.add(rows, i32.mul(column, i32.const(pairBytes))), select(isLow, i32.const(0), i32.const(8)));
    },
  });
  return constants;
}

/** An instance whose working memory starts at `scratch`, a multiple of 16, for `scratchBytes`. */
export function instantiateKernel({ module, constants }: KernelModule, memory: WebAssembly.Memory, scratch: number): Kernel {
  if (constants !== null) {
    const words = new BigUint64Array(memory.buffer, scratch + constants.start, constants.words.length);
    words.set(constants.words);
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch } });
  const named = (prefix: string, names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, exports[prefix === '' ? name : prefix + name[0]!.toUpperCase() + name.slice(1)]]));
  const fieldNames = ['mul', 'sqr', 'add', 'sub', 'sub2', 'inverse', 'readPair'];
  const groupNames = [
    ...['readPoint', 'addMixed', 'addSum', 'double', 'toAffine', 'onCurve'],
    ...['batchForward', 'batchInvert', 'batchBackward'],
  ];
  const bulkNames = ['readPoints', 'addPairs', 'copyEntry', 'writePoint', 'addToBuckets', 'sumBuckets', 'classify', 'choose'];
  const transformNames = [
    ...['frequencyLayer', 'frequencyBlock', 'timeLayer', 'timeBlock', 'frequencyCross', 'timeCross', 'powers', 'everySecond'],
    ...['shiftCoset', 'multiplyRows', 'quotientRows', 'productRows', 'rowProducts'],
  ];
  const transform =
    constants === null
      ? { lanes: 1, columnBytes: elementBytes, factorBytes: elementBytes, exponent: limbBits * limbCount, ...named('', transformNames) }
      : {
          lanes: 2,
          columnBytes: pairBytes,
          factorBytes: singleBytes,
          exponent: vectorLimbBits * vectorLimbs,
          ...named('vector', transformNames),
        };
  const group = (prefix: string, coordinates: number): GroupRoutines => {
    const own = {
      coordinateBytes: coordinates * elementBytes,
      recordBytes: 3 * coordinates * elementBytes,
      pointBytes: 2 * coordinates * elementBytes,
      sumBytes: 4 * coordinates * elementBytes,
      fileBytes: 64 * coordinates,
      ...named(prefix, [...groupNames, ...bulkNames]),
    };
    const vectorBytes = 2 * coordinates * singleBytes;
    const bulk = constants === null ? own : { recordBytes: vectorBytes, pointBytes: vectorBytes, ...named(`${prefix}Vector`, bulkNames) };
    return { ...own, bulk } as unknown as GroupRoutines;
  };
  return {
    memory,
    fq: named('fq', [...fieldNames, 'writeCanonical']) as unknown as PrimeRoutines,
    fr: named('fr', [...fieldNames, 'writeCanonical']) as unknown as PrimeRoutines,
    fq2: named('fq2', fieldNames) as unknown as FieldRoutines,
    g1: group('g1', 1),
    g2: group('g2', 2),
    transform: transform as unknown as TransformRoutines,
    recode: exports.recode as Kernel['recode'],
  };
}

/** Writes a value below 2^261 as limbs, as it is. */
export function writeLimbs(memory: WebAssembly.Memory, address: number, value: bigint): void {
  const words = new Uint32Array(memory.buffer, address, elementBytes / 4);
  for (const [i, limb] of limbsOf(value).entries()) words[i] = Number(limb);
}

/** A product's or element's canonical value, out of Montgomery form. Takes 32 bytes of room at `room`. */
export function readCanonical(memory: WebAssembly.Memory, field: PrimeRoutines, address: number, room: number): bigint {
  field.writeCanonical(room, address);
  return readLittleEndian(new DataView(memory.buffer), room);
}

/** What `powers` takes as its first element and its ratio: at most `columnBytes` each. */
export function writePowers(
  kernel: Kernel,
  first: number,
  ratio: number,
  values: { readonly first: bigint; readonly ratio: bigint },
): void {
  const { transform, memory } = kernel;
  const p = scalarOrder;
  const form = (value: bigint): bigint => ((value % p) << BigInt(transform.exponent)) % p;
  if (transform.lanes === 1) {
    writeLimbs(memory, first, form(values.first));
    writeLimbs(memory, ratio, form(values.ratio));
    return;
  }
  writePair(memory, first, [form(values.first), form(values.first * values.ratio)]);
  const square = form(values.ratio * values.ratio);
  writePair(memory, ratio, [square, square]);
}

/** A column that holds one value. */
export function writeColumn({ transform, memory }: Kernel, address: number, value: bigint): void {
  const element = (value << BigInt(transform.exponent)) % scalarOrder;
  if (transform.lanes === 1) writeLimbs(memory, address, element);
  else writePair(memory, address, [element, element]);
}
