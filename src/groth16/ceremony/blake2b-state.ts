/**
 * BLAKE2b-512 resumed from a state in the middle of a message: contributions of phase 1 store the state that their response's hash had before the public key, so that the hash can be finished without the response.
 *
 * The 216 bytes: the block not yet compressed (128), eight words of state (64), and as u64 each: bytes compressed, bytes waiting in the block, unused. Reference: RFC 7693; snarkjs 0.7.6 `misc.js` (fromPartialHash).
 */
const mask = (1n << 64n) - 1n;
const initial = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];
/** One hex digit per message word; rounds 10 and 11 take rows 0 and 1 again. */
const schedule = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
].map((row) => Array.from(row, (digit) => Number.parseInt(digit, 16)));
export const partialHashBytes = 216;
const blockBytes = 128;

function compress(state: bigint[], block: DataView, length: number, last: boolean): void {
  const v = [...state, ...initial];
  v[12] = v[12]! ^ BigInt(length);
  if (last) v[14] = v[14]! ^ mask;
  const words = Array.from({ length: 16 }, (_, i) => block.getBigUint64(8 * i, true));
  const rotate = (value: bigint, bits: bigint): bigint => (value >> bits) | ((value << (64n - bits)) & mask);
  const mix = (a: number, b: number, c: number, d: number, x: bigint, y: bigint): void => {
    v[a] = (v[a]! + v[b]! + x) & mask;
    v[d] = rotate(v[d]! ^ v[a]!, 32n);
    v[c] = (v[c]! + v[d]!) & mask;
    v[b] = rotate(v[b]! ^ v[c]!, 24n);
    v[a] = (v[a]! + v[b]! + y) & mask;
    v[d] = rotate(v[d]! ^ v[a]!, 16n);
    v[c] = (v[c]! + v[d]!) & mask;
    v[b] = rotate(v[b]! ^ v[c]!, 63n);
  };
  for (let round = 0; round < 12; round++) {
    const order = schedule[round % 10]!;
    for (let i = 0; i < 8; i++) {
      const column = i & 3;
      const turn = i < 4 ? 0 : 1;
      const [b, c, d] = [4 + ((column + turn) & 3), 8 + ((column + 2 * turn) & 3), 12 + ((column + 3 * turn) & 3)];
      mix(column, b, c, d, words[order[2 * i]!]!, words[order[2 * i + 1]!]!);
    }
  }
  for (let i = 0; i < 8; i++) state[i] = state[i]! ^ v[i]! ^ v[i + 8]!;
}

/** The hash of what the state has seen and `rest`; null for a state that no hash has. */
export function finishHash(partial: Uint8Array, rest: Uint8Array): Uint8Array | null {
  const view = new DataView(partial.buffer, partial.byteOffset, partialHashBytes);
  const state = Array.from({ length: 8 }, (_, i) => view.getBigUint64(blockBytes + 8 * i, true));
  const [compressed, waiting] = [view.getBigUint64(192, true), view.getBigUint64(200, true)];
  if (waiting > BigInt(blockBytes) || compressed >= 1n << 52n) return null;
  const message = new Uint8Array(Number(waiting) + rest.length);
  message.set(partial.subarray(0, Number(waiting)));
  message.set(rest, Number(waiting));
  let length = Number(compressed);
  for (let at = 0; ; at += blockBytes) {
    const left = message.length - at;
    const block = new Uint8Array(blockBytes);
    block.set(message.subarray(at, at + blockBytes));
    length += Math.min(left, blockBytes);
    const last = left <= blockBytes;
    compress(state, new DataView(block.buffer), length, last);
    if (!last) continue;
    const out = new DataView(new ArrayBuffer(64));
    for (const [i, word] of state.entries()) out.setBigUint64(8 * i, word, true);
    return new Uint8Array(out.buffer);
  }
}
