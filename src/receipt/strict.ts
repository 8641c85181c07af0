/**
 * Reading foreign data strictly: every reader takes a value and the path to it, returns a fresh copy of the one form that it accepts, and refuses
 * everything else with ZK5006. Nothing is coerced, no unknown field is passed over, no property is read twice.
 */
import { ZkonnxError } from '../errors.ts';
import { isUnicodeText } from '../r1cs/canonical.ts';
import { printable } from './text.ts';

/** @throws ZkonnxError ZK5006 always */
export function refuse(where: string, what: string): never {
  throw new ZkonnxError('ZK5006', { where: where === '' ? 'it' : printable(where), what });
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Own fields of a plain object: all of `required`, none but those and `optional`. */
export function fields<R extends string, O extends string = never>(
  value: unknown,
  where: string,
  required: readonly R[],
  optional: readonly O[] = [],
): Record<R, unknown> & Partial<Record<O, unknown>> {
  const entries = entriesOf(value, where, required.length + optional.length + 16);
  const known: readonly string[] = [...required, ...optional];
  for (const [key] of entries) if (!known.includes(key)) refuse(where, `has an unknown field "${printable(key, 40)}"`);
  const found = Object.fromEntries(entries) as Record<string, unknown>;
  for (const key of required) if (!Object.hasOwn(found, key)) refuse(where === '' ? key : `${where}.${key}`, 'is missing');
  return found as Record<R, unknown> & Partial<Record<O, unknown>>;
}

/** Key and value of each own field of a plain object, at most `limit` of them. */
export function entriesOf(value: unknown, where: string, limit: number): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(where, `is ${kindOf(value)}, an object is needed`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) refuse(where, 'is no plain object');
  const keys = Object.keys(value);
  if (keys.length > limit) {
    const extra = keys.length - limit;
    refuse(where, `has ${extra} field${extra === 1 ? '' : 's'} too many`);
  }
  return keys.map((key) => {
    if (key === '__proto__' || !isUnicodeText(key)) refuse(where, `has an unknown field "${printable(key, 40)}"`);
    return [key, (value as Record<string, unknown>)[key]];
  });
}

/** An array of at most `limit` elements, or of exactly `exact`. */
export function list<T>(
  value: unknown,
  where: string,
  size: { limit: number } | { exact: number },
  item: (value: unknown, where: string) => T,
): T[] {
  if (!Array.isArray(value)) return refuse(where, `is ${kindOf(value)}, an array is needed`);
  const { length } = value;
  if ('exact' in size && length !== size.exact) refuse(where, `has ${length} elements, not ${size.exact}`);
  if ('limit' in size && length > size.limit) refuse(where, `has ${length} elements, at most ${size.limit} are read`);
  const items: T[] = [];
  for (let i = 0; i < length; i++) items.push(item(value[i], `${where}[${i}]`));
  return items;
}

/** Unicode text of at most `limit` characters. */
export function text(value: unknown, where: string, limit = 1024): string {
  if (typeof value !== 'string') return refuse(where, `is ${kindOf(value)}, a string is needed`);
  if (value.length > limit) refuse(where, `is longer than ${limit} characters`);
  if (!isUnicodeText(value)) refuse(where, 'holds half of a surrogate pair');
  return value;
}

/** A string of exactly this form. */
export function matching(value: unknown, where: string, form: RegExp, needed: string): string {
  const given = text(value, where, 70_000 * 2);
  return form.test(given) ? given : refuse(where, `is not ${needed}`);
}

/** A SHA-256 digest. */
export function hex64(value: unknown, where: string): string {
  return matching(value, where, /^[0-9a-f]{64}$/, '64 lower-case hex digits');
}

export function hex128(value: unknown, where: string): string {
  return matching(value, where, /^[0-9a-f]{128}$/, '128 lower-case hex digits');
}

/** A decimal integer ≥ 0 as a string, without sign or leading zeros, of at most 78 digits. */
export function decimal(value: unknown, where: string): string {
  return matching(value, where, /^(?:0|[1-9][0-9]{0,77})$/, 'a decimal number as a string, without sign or leading zeros');
}

/** An integer in [low, high]; −0 is none. */
export function integer(value: unknown, where: string, low: number, high: number): number {
  if (typeof value !== 'number') return refuse(where, `is ${kindOf(value)}, an integer is needed`);
  if (!Number.isInteger(value) || Object.is(value, -0))
    return refuse(where, `is ${Object.is(value, -0) ? '-0' : value}, an integer is needed`);
  if (value < low || value > high) refuse(where, `is ${value}, it can be ${low}…${high}`);
  return value;
}

/** One of these words. */
export function oneOf<const T extends string>(value: unknown, where: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  return (
    found ?? refuse(where, `is ${typeof value === 'string' ? `"${printable(value, 40)}"` : kindOf(value)}, not one of ${words.join(', ')}`)
  );
}

/** Any JSON, bounded: depth 8, 10,000 values, strings of 4,096 characters. */
export function anyJson(value: unknown, where: string, budget = { values: 10_000 }, depth = 8): unknown {
  if (--budget.values < 0) return refuse(where, 'goes past 10,000 values');
  if (depth === 0) return refuse(where, 'is nested too deeply');
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(where, `is ${value}`);
  if (typeof value === 'string') return text(value, where, 4096);
  if (Array.isArray(value)) return list(value, where, { limit: 10_000 }, (item, path) => anyJson(item, path, budget, depth - 1));
  const entries = entriesOf(value, where, 10_000);
  return Object.fromEntries(entries.map(([key, item]) => [key, anyJson(item, `${where}.${key}`, budget, depth - 1)]));
}
