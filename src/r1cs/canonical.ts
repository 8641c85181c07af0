/**
 * Canonical JSON, RFC 8785: one text for one value, so that digests of data are digests of bytes. Keys sorted by UTF-16 code units, no space,
 * numbers and strings as ECMAScript writes them. Only what JSON can hold: anything else (undefined, NaN, bigint, a lone surrogate) is an error,
 * never left out silently.
 */

/** Half of a surrogate pair alone: no Unicode text, and TextEncoder would map all of them to the same bytes. */
const loneSurrogate = /\p{Cs}/u;

/** Whether the string is Unicode text, so that its UTF-8 form is its own only. */
export function isUnicodeText(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Data to canonical JSON. @throws TypeError for what JSON cannot hold. Recursive: callers bound the depth of foreign data first. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!isUnicodeText(value)) throw new TypeError('canonical JSON cannot hold a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.keys(value).sort();
    return `{${members.map((key) => `${canonicalJson(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`).join(',')}}`;
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
}
