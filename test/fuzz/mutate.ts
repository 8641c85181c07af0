/**
 * The one mutator of all parsers: from a file of the kind, and another of the same kind to take parts from, a file that is damaged or hostile. Deterministic:
 * the seed gives the file. Half of the changes know the kind's structure and keep lengths around the change right, so that they reach what lies deeper.
 */
import { mutateNpy, mutateZip } from './archives.ts';
import { mutateBytes } from './bytes.ts';
import { mutateJson, mutateLines } from './json.ts';
import { mutateProtobuf } from './protobuf.ts';
import type { Random } from './random.ts';
import { mutateSections } from './sections.ts';

export const structures = {
  bytes: mutateBytes,
  protobuf: mutateProtobuf,
  sections: mutateSections,
  json: mutateJson,
  lines: mutateLines,
  npy: mutateNpy,
  zip: mutateZip,
} as const;

export type Structure = keyof typeof structures;

/** One to four changes, one after the other. */
export function mutate(bytes: Uint8Array, other: Uint8Array, structure: Structure, next: Random): Uint8Array {
  let current = bytes;
  for (let left = 1 + next.below(next.pick([1, 1, 2, 4])); left > 0; left--) {
    current = (next.chance(0.7) ? structures[structure] : mutateBytes)(current, other, next);
  }
  return current;
}
