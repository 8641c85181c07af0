/** Values of command-line options that are more than text. */
import { InvalidArgumentError } from 'commander';
import { ZkonnxError } from '../errors.ts';
import { type ProverName, proverNames } from '../provers.ts';
import { type Visibility, visibilities } from '../r1cs/layout.ts';

/** A whole number from `low` to `high`, for commander's option parser. */
export function wholeNumber(low: number, high: number = Number.MAX_SAFE_INTEGER): (word: string) => number {
  return (word) => {
    const value = Number(word);
    if (!/^\d+$/.test(word) || value < low || value > high) {
      throw new InvalidArgumentError(`not a whole number ${high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`}`);
    }
    return value;
  };
}

/** For commander's option parser. */
export function proverName(word: string): ProverName {
  const name = proverNames.find((known) => known === word);
  if (name === undefined) throw new InvalidArgumentError(`not one of ${proverNames.join(', ')}`);
  return name;
}

/** `input=int8,mask=uint8` → by name. @throws ZkonnxError ZK1001. Unknown names are for the compiler to refuse. */
export function parseInputTypes(text: string): Record<string, 'uint8' | 'int8'> {
  return parseWords('--input-types', 'input=int8', text, (word, tensor) => {
    if (word === 'uint8' || word === 'int8') return word;
    throw new ZkonnxError('ZK1001', { what: `--input-types gives "${tensor}" the type "${word}"`, hint: 'a type is uint8 or int8' });
  });
}

/** `logits,features` → the names. @throws ZkonnxError ZK1001. Unknown names are for the compiler to refuse. */
export function parseOutputs(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('') || new Set(names).size !== names.length)
    throw new ZkonnxError('ZK1001', {
      what: `--outputs is "${text}"`,
      hint: 'give names of tensors, each once: --outputs logits,features',
    });
  return names;
}

/**
 * `input=hashed,logits=public` → by name.
 * @throws ZkonnxError ZK1001 (form), ZK1004 (unknown word). Unknown names are for the compiler to refuse.
 */
export function parseVisibility(text: string): Record<string, Visibility> {
  return parseWords('--visibility', 'input=hashed,logits=public', text, (word, tensor) => {
    if (!(visibilities as readonly string[]).includes(word)) throw new ZkonnxError('ZK1004', { word, tensor });
    return word as Visibility;
  });
}

/** NAME=WORD, comma-separated; the last `=` counts, for ONNX names may hold one. */
function parseWords<Word>(option: string, example: string, text: string, read: (word: string, name: string) => Word): Record<string, Word> {
  const asked = new Map<string, Word>();
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=');
    const name = part.slice(0, at).trim();
    const word = part.slice(at + 1).trim();
    if (at < 1 || name === '') {
      throw new ZkonnxError('ZK1001', { what: `${option}: "${part}" is not NAME=WORD`, hint: `for example ${option} ${example}` });
    }
    if (asked.has(name)) throw new ZkonnxError('ZK1001', { what: `${option} names "${name}" twice`, hint: 'give each tensor one word' });
    asked.set(name, read(word, name));
  }
  return Object.fromEntries(asked);
}

/**
 * `H=28,W=28` → by name; the last `=` counts.
 * @throws ZkonnxError ZK1001 (form). Unknown names are for the compiler to refuse.
 */
export function parseDims(text: string): Record<string, number> {
  const sizes = new Map<string, number>();
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=');
    const name = part.slice(0, at).trim();
    const size = part.slice(at + 1).trim();
    if (at < 1 || name === '' || !/^\d{1,9}$/.test(size))
      throw new ZkonnxError('ZK1001', { what: `--dim: "${part}" is not NAME=N`, hint: 'for example --dim height=28,width=28' });
    if (sizes.has(name)) throw new ZkonnxError('ZK1001', { what: `--dim names "${name}" twice`, hint: 'give each dimension one size' });
    sizes.set(name, Number(size));
  }
  return Object.fromEntries(sizes);
}

/** What a set can hold, and more than any circuit that can be audited in memory. */
const mostWires = 0xff_ffff;

/**
 * `5-132,200` → wires. Each number or range once.
 * @throws ZkonnxError ZK1001.
 */
export function parseWires(text: string, option: string): Set<number> {
  const wires = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,10})(?:\s*-\s*(\d{1,10}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first > last || last > mostWires) {
      throw new ZkonnxError('ZK1001', {
        what: `${option}: "${part}" is no wire and no range of wires`,
        hint: `for example ${option} 5-132,200`,
      });
    }
    for (let wire = first; wire <= last; wire++) wires.add(wire);
  }
  return wires;
}
