/** Changes of JSON: values of other kinds and sizes, keys that are gone, doubled or special, deep nesting; and of text that is no JSON any more. */
import { mutateBytes } from './bytes.ts';
import type { Random } from './random.ts';

/** Values as text: some of them no JavaScript value prints. */
const values = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1',
  '0.5',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '18446744073709551616',
  '21888242871839275222246405745257275088548364400416034343698204186575808495617',
  '""',
  '"0"',
  '"0x1"',
  '"00"',
  '"-1"',
  '" 1"',
  '"1e3"',
  '"21888242871839275222246405745257275088548364400416034343698204186575808495617"',
  '"__proto__"',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '{}',
  '[[]]',
  '{"length":1e9}',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":1}',
  '[null]',
  `"${'a'.repeat(3000)}"`,
  `"${'9'.repeat(3000)}"`,
  'NaN',
  'Infinity',
  '01',
  '.5',
  "'a'",
  '1_000',
];
const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'length', '', '0', 'then', 'valueOf', '\u0000', '$array'];

type Place = { readonly holder: object; readonly key: string };

function places(value: unknown, out: Place[] = [], depth = 0): Place[] {
  if (typeof value !== 'object' || value === null || out.length > 5_000 || depth > 100) return out;
  for (const key of Object.keys(value)) {
    out.push({ holder: value, key });
    places((value as Record<string, unknown>)[key], out, depth + 1);
  }
  return out;
}

/** Text that stands for raw text until it is printed. */
const mark = '\u0001raw:';

function print(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(
    /"\\u0001raw:(\d+)"/g,
    (_, index: string) => values[Number(index)] ?? nested(Number(index)),
  );
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** A value as text and back: no circle, and nothing shared. */
function copyOf({ holder, key }: Place): unknown {
  const text = JSON.stringify((holder as Record<string, unknown>)[key]);
  return text === undefined || text.length > 100_000 ? null : JSON.parse(text);
}

function mutateTree(root: unknown, next: Random): string {
  const tree = { root };
  const found = places(tree);
  const { holder, key } = next.pick(found);
  const record = holder as Record<string, unknown>;
  switch (next.below(7)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete record[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, copyOf(next.pick(found)));
      else
        Object.defineProperty(holder, next.pick(keys), {
          value: copyOf(next.pick(found)),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      break;
    case 2:
      record[key] = copyOf(next.pick(found));
      break;
    case 3: {
      const old = record[key];
      record[key] = Array.isArray(old) && old.length < 10_000 ? old.concat(old) : [old];
      break;
    }
    case 4:
      record[key] = `${mark}${next.pick([100, 1_000, 20_000])}`;
      break;
    default:
      record[key] = `${mark}${next.below(values.length)}`;
  }
  return print(tree.root);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function mutateJson(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  let text: string;
  try {
    text = mutateTree(JSON.parse(decoder.decode(bytes)), next);
  } catch {
    // No JSON, or nested too deeply to be printed again.
    return mutateBytes(bytes, other, next);
  }
  // A key given twice: the first one once more, behind.
  if (next.chance(0.05)) return encoder.encode(text.replace(/^\{("[^"]*"):([^,{}[\]]*),/, '{$1:$2,$1:$2,'));
  return encoder.encode(text);
}

/** One JSON value a line: lines changed, gone, doubled, torn, in another order. */
export function mutateLines(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  const lines = decoder.decode(bytes).split('\n');
  const at = next.below(lines.length);
  switch (next.below(6)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, lines[at]!);
      break;
    case 2:
      lines.reverse();
      break;
    case 3:
      lines[at] = lines[at]!.slice(0, next.below(lines[at]!.length + 1));
      break;
    default:
      lines[at] = decoder.decode(mutateJson(encoder.encode(lines[at]), other, next));
  }
  return encoder.encode(lines.join('\n'));
}
