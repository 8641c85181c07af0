/** How foreign text and numbers are shown in sentences: never able to move a terminal's cursor, to reverse a line, or to fill a screen. */

/** Control, format (bidirectional overrides) and unassigned characters, separators of lines, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** The text with unprintable characters as \u{…}, cut at `limit` characters. */
export function printable(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(unprintable, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** The shortest decimal that is this float32. */
export function float32Text(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

/** `[1, 2, 3]`, or the first ones and how many there are. */
export function listText<T>(values: ArrayLike<T>, element: (value: T) => string, limit = 16): string {
  const shown = Array.from({ length: Math.min(values.length, limit) }, (_, i) => element(values[i]!));
  return values.length > limit ? `[${shown.join(', ')}, … ${values.length} values]` : `[${shown.join(', ')}]`;
}
