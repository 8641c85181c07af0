/**
 * Powers of tau of any size in seconds, for benchmarks: one party draws the secrets, and only the Lagrange bases that a domain of 2^power needs are filled. No ceremony: its contribution is blank.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { baseOrder, invert, power as raise, scalarOrder, writeLittleEndian } from '../src/field/bn254.ts';
import { rootOfUnity } from '../src/groth16/domain.ts';
import { montgomery } from '../src/kernels/field-code.ts';
import { elementBytes, writeLimbs } from '../src/kernels/kernel.ts';
import { generatorMultiples, makeTable } from '../src/kernels/multiples.ts';
import { type KernelThreads, startKernelThreads } from '../src/kernels/threads.ts';

const r = scalarOrder;
const [tau, alpha, beta] = [
  0x1234567890abcdef1234567890abcdefn ** 2n % r,
  77777777777777777777777n ** 3n % r,
  99999999999999999999n ** 3n % r,
];

/** Canonical factor·ratio^i, at an address. */
function geometric(threads: KernelThreads, count: number, factor: bigint, ratio: bigint): number {
  const out = threads.alloc(32 * count);
  const { mul, add, writeCanonical } = threads.local.kernel.fr;
  const [current, step, zero] = [threads.alloc(elementBytes), threads.alloc(elementBytes), threads.alloc(elementBytes)];
  writeLimbs(threads.memory, current, montgomery(factor % r, r));
  writeLimbs(threads.memory, step, montgomery(ratio, r));
  for (let i = 0; i < count; i++) {
    writeCanonical(out + 32 * i, current);
    mul(current, current, step);
    add(current, current, zero);
  }
  return out;
}

/** Canonical factor·L_i(τ) over the 2^log-th roots; with `truncated` the last power of τ counts as zero, as in a file of half that power. */
function lagrange(threads: KernelThreads, log: number, factor: bigint, truncated: boolean): number {
  const n = 2 ** log;
  const { mul, add, sub, inverse, writeCanonical } = threads.local.kernel.fr;
  const scalar = (value: bigint): number => {
    const at = threads.alloc(elementBytes);
    writeLimbs(threads.memory, at, montgomery(((value % r) + r) % r, r));
    return at;
  };
  const out = threads.alloc(32 * n);
  const tauN = raise(tau, BigInt(n), r);
  const overN = invert(BigInt(n), r);
  // L_i = (τ^n − 1)/n · ω^i/(τ − ω^i); without its last power it loses τ^{n−1}·ω^{−i(n−1)}/n = τ^{n−1}·ω^i/n.
  const [scale, missing] = [scalar((tauN - 1n) * overN * factor), scalar(truncated ? raise(tau, BigInt(n - 1), r) * overN * factor : 0n)];
  const [point, root, current, zero, one] = [scalar(tau), scalar(rootOfUnity(log)), scalar(1n), scalar(0n), scalar(1n)];
  const [prefix, roots, differences] = [
    threads.alloc(elementBytes * (n + 1)),
    threads.alloc(elementBytes * n),
    threads.alloc(elementBytes * n),
  ];
  const [t, u] = [scalar(0n), scalar(0n)];
  add(prefix, one, zero);
  for (let i = 0; i < n; i++) {
    add(roots + elementBytes * i, current, zero);
    sub(differences + elementBytes * i, point, current);
    mul(prefix + elementBytes * (i + 1), prefix + elementBytes * i, differences + elementBytes * i);
    mul(current, current, root);
    add(current, current, zero);
  }
  inverse(u, prefix + elementBytes * n);
  for (let i = n - 1; i >= 0; i--) {
    mul(t, u, prefix + elementBytes * i);
    mul(u, u, differences + elementBytes * i);
    mul(t, t, scale);
    mul(t, t, roots + elementBytes * i);
    mul(differences + elementBytes * i, roots + elementBytes * i, missing);
    sub(t, t, differences + elementBytes * i);
    writeCanonical(out + 32 * i, t);
  }
  return out;
}

export async function writePowers(path: string, power: number, threadCount: number): Promise<void> {
  const n = 2 ** power;
  const threads = await startKernelThreads({ threads: threadCount, stage: 'bench' });
  const file = openSync(path, 'w');
  const tables = { g1: await makeTable(threads, 'g1', 8 * n, undefined), g2: await makeTable(threads, 'g2', 2 * n, undefined) };
  const head = (bytes: Uint8Array): void => void writeSync(file, bytes);
  const section = (type: number, size: number): void => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setUint32(0, type, true);
    new DataView(bytes.buffer).setBigUint64(4, BigInt(size), true);
    head(bytes);
  };
  const points = async (group: 'g1' | 'g2', count: number, scalars: () => number): Promise<void> => {
    const mark = threads.mark();
    const target = new Uint8Array(count * (group === 'g1' ? 64 : 128));
    await generatorMultiples(threads, group, tables[group], scalars(), target);
    for (let done = 0; done < target.length; done += 1 << 26) head(target.subarray(done, done + (1 << 26)));
    threads.release(mark);
  };
  const start = new Uint8Array(12);
  start.set(new TextEncoder().encode('ptau'));
  new DataView(start.buffer).setUint32(4, 1, true);
  new DataView(start.buffer).setUint32(8, 11, true);
  head(start);
  section(1, 44);
  const header = new Uint8Array(44);
  const view = new DataView(header.buffer);
  view.setUint32(0, 32, true);
  writeLittleEndian(baseOrder, view, 4);
  view.setUint32(36, power, true);
  view.setUint32(40, power, true);
  head(header);
  section(2, 64 * (2 * n - 1));
  await points('g1', 2 * n - 1, () => geometric(threads, 2 * n - 1, 1n, tau));
  section(3, 128 * n);
  await points('g2', n, () => geometric(threads, n, 1n, tau));
  section(4, 64 * n);
  await points('g1', n, () => geometric(threads, n, alpha, tau));
  section(5, 64 * n);
  await points('g1', n, () => geometric(threads, n, beta, tau));
  section(6, 128);
  await points('g2', 1, () => geometric(threads, 1, beta, 1n));
  section(7, 4);
  head(new Uint8Array(4));
  const blank = (count: number): void => {
    for (let done = 0; done < count; done += 1 << 26) head(new Uint8Array(Math.min(1 << 26, count - done)));
  };
  section(12, 64 * (4 * n - 1));
  blank(64 * (n - 1));
  await points('g1', n, () => lagrange(threads, power, 1n, false));
  await points('g1', 2 * n, () => lagrange(threads, power + 1, 1n, true));
  section(13, 128 * (2 * n - 1));
  blank(128 * (n - 1));
  await points('g2', n, () => lagrange(threads, power, 1n, false));
  for (const [type, factor] of [
    [14, alpha],
    [15, beta],
  ] as const) {
    section(type, 64 * (2 * n - 1));
    blank(64 * (n - 1));
    await points('g1', n, () => lagrange(threads, power, factor, false));
  }
  closeSync(file);
  await threads.close();
}
