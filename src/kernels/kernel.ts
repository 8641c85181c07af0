/**
 * The kernels' module, made in memory once per process, and instances of it over one memory that threads may share. Owns the list of exported routines and where the memory's parts begin.
 *
 * Nothing here is thread-safe by itself: every instance has working memory of its own, and whoever hands out tasks sees to it that they write to different places.
 */
import { baseOrder, readLittleEndian, scalarOrder } from '../field/bn254.ts';
import { makeGroup, makeQuadraticField } from './curve-code.ts';
import { elementBytes, limbsOf, makePrimeField, makeSlots, montgomery } from './field-code.ts';
import { makeScalarKernels } from './ntt-code.ts';
import { makePointKernels } from './point-code.ts';
import { type Code, fillBytes, get, i32, i64, type Local, makeModule, seq } from './wasm.ts';

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
export interface GroupRoutines {
  readonly coordinateBytes: number;
  /** x, y, −y. */
  readonly recordBytes: number;
  /** x, y. */
  readonly pointBytes: number;
  /** X, Y, ZZ, ZZZ. */
  readonly sumBytes: number;
  /** A point of a zkey. */
  readonly fileBytes: number;
  readPoint(record: number, bytes: number): void;
  /** The bytes that `readPoint` reads, of a reduced x, y. */
  writePoint(bytes: number, point: number): void;
  /** x, y, −y of a reduced x, y that lies elsewhere. */
  makeRecord(record: number, point: number): void;
  /** out_i = 2·point_i for a list of addresses of points (x, y; records too), which lie elsewhere. */
  doubleBatch(points: number, out: number, count: number): void;
  batchForward(pairs: number, out: number, count: number): void;
  batchInvert(): void;
  batchBackward(pairs: number, out: number, count: number): void;
  copyEntry(out: number, entry: number): void;
  addMixed(sum: number, entry: number): void;
  addSum(sum: number, other: number): void;
  double(sum: number): void;
  sumBuckets(buckets: number, flags: number, count: number, out: number): void;
  toAffine(out: number, sum: number): void;
}

export interface ScalarRoutines {
  frequencyLayer(block: number, half: number, table: number, first: number, count: number): void;
  frequencyBlock(block: number, half: number, table: number): void;
  timeLayer(block: number, half: number, table: number, first: number, count: number): void;
  timeBlock(block: number, half: number, table: number): void;
  powers(out: number, count: number, first: number, ratio: number): void;
  everySecond(out: number, source: number, count: number): void;
  shiftCoset(block: number, first: number, count: number, log: number, powers: number): void;
  multiplyRows(a: number, b: number, c: number, count: number, factor: number): void;
  quotientRows(a: number, b: number, c: number, out: number, count: number): void;
  rowProducts(terms: number, count: number, witness: number, a: number, b: number, factors: number): void;
}

export interface Kernel extends ScalarRoutines {
  readonly memory: WebAssembly.Memory;
  readonly fq: PrimeRoutines;
  readonly fr: PrimeRoutines;
  readonly fq2: FieldRoutines;
  readonly g1: GroupRoutines;
  readonly g2: GroupRoutines;
}

export interface KernelModule {
  readonly module: WebAssembly.Module;
  /** Of every instance's working memory. */
  readonly scratchBytes: number;
  readonly shared: boolean;
}

export const maximumPages = 65536;
export const pageBytes = 65536;

function emit(shared: boolean): { readonly bytes: Uint8Array<ArrayBuffer>; readonly scratchBytes: number } {
  const module = makeModule(shared, maximumPages);
  const slots = makeSlots();
  const fq = makePrimeField(module, slots, 'fq', baseOrder);
  const fr = makePrimeField(module, slots, 'fr', scalarOrder);
  const fq2 = makeQuadraticField(module, slots, 'fq2', fq);
  const one = limbsOf(montgomery(1n, baseOrder));
  const writeOne = (address: Local): Code => seq(one.map((limb, i) => i64.store32(get(address), i64.const(limb), 4 * i)));
  const writeOne2 = (address: Local): Code =>
    seq(writeOne(address), fillBytes(i32.add(get(address), i32.const(elementBytes)), 0, i32.const(elementBytes)));
  makeGroup(module, slots, 'g1', fq, writeOne);
  makeGroup(module, slots, 'g2', fq2, writeOne2);
  makePointKernels(module, slots, 'g1', fq, fq, writeOne);
  makePointKernels(module, slots, 'g2', fq2, fq, writeOne2);
  makeScalarKernels(module, slots, fr);
  return { bytes: module.finish(), scratchBytes: slots.sizeBytes };
}

/** Generates and compiles the module. Some tens of milliseconds; the callers keep it. */
export function makeKernelModule(shared: boolean): KernelModule {
  const { bytes, scratchBytes } = emit(shared);
  return { module: new WebAssembly.Module(bytes), scratchBytes, shared };
}

/** An instance whose working memory starts at `scratch`, a multiple of 8, for `scratchBytes`. */
export function instantiateKernel(module: WebAssembly.Module, memory: WebAssembly.Memory, scratch: number): Kernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch } });
  const named = (prefix: string, names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, exports[prefix === '' ? name : prefix + name[0]!.toUpperCase() + name.slice(1)]]));
  const fieldNames = ['mul', 'sqr', 'add', 'sub', 'sub2', 'inverse', 'readPair'];
  const groupNames = [
    ...['readPoint', 'batchForward', 'batchInvert', 'batchBackward', 'copyEntry'],
    ...['addMixed', 'addSum', 'double', 'sumBuckets', 'toAffine', 'writePoint', 'makeRecord', 'doubleBatch'],
  ];
  const scalarNames = [
    ...['frequencyLayer', 'frequencyBlock', 'timeLayer', 'timeBlock', 'powers', 'everySecond'],
    ...['shiftCoset', 'multiplyRows', 'quotientRows', 'rowProducts'],
  ];
  const group = (prefix: string, coordinates: number): GroupRoutines =>
    ({
      coordinateBytes: coordinates * elementBytes,
      recordBytes: 3 * coordinates * elementBytes,
      pointBytes: 2 * coordinates * elementBytes,
      sumBytes: 4 * coordinates * elementBytes,
      fileBytes: 64 * coordinates,
      ...named(prefix, groupNames),
    }) as unknown as GroupRoutines;
  return {
    memory,
    fq: named('fq', [...fieldNames, 'writeCanonical']) as unknown as PrimeRoutines,
    fr: named('fr', [...fieldNames, 'writeCanonical']) as unknown as PrimeRoutines,
    fq2: named('fq2', fieldNames) as unknown as FieldRoutines,
    g1: group('g1', 1),
    g2: group('g2', 2),
    ...(named('', scalarNames) as unknown as ScalarRoutines),
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
