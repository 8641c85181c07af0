/**
 * Squarified treemap (Bruls, Huizing, van Wijk 2000, "Squarified Treemaps"): areas in proportion to values, rectangles as square as they come. Pure geometry.
 */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rectangles of `values` (> 0, largest first) that tile `area` exactly. */
export function squarify(values: readonly number[], area: Rectangle): Rectangle[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const result: Rectangle[] = [];
  if (total === 0) return result;
  const unit = (area.width * area.height) / total;
  let rest = area;
  let start = 0;
  while (start < values.length) {
    const side = Math.min(rest.width, rest.height);
    let end = start + 1;
    let sum = values[start]!;
    // A row takes the next value as long as its worst aspect ratio does not get worse.
    while (
      end < values.length &&
      worst(values, start, end + 1, sum + values[end]!, side, unit) <= worst(values, start, end, sum, side, unit)
    ) {
      sum += values[end++]!;
    }
    const isLast = end === values.length;
    const wide = rest.width >= rest.height;
    const thickness = isLast ? (wide ? rest.width : rest.height) : (sum * unit) / side;
    let offset = 0;
    for (let i = start; i < end; i++) {
      const length = (side * values[i]!) / sum;
      result.push(
        wide
          ? { x: rest.x, y: rest.y + offset, width: thickness, height: length }
          : { x: rest.x + offset, y: rest.y, width: length, height: thickness },
      );
      offset += length;
    }
    rest = wide
      ? { x: rest.x + thickness, y: rest.y, width: rest.width - thickness, height: rest.height }
      : { x: rest.x, y: rest.y + thickness, width: rest.width, height: rest.height - thickness };
    start = end;
  }
  return result;
}

/** Largest aspect ratio in a row of values[start … end−1] with the given sum along `side`. */
function worst(values: readonly number[], start: number, end: number, sum: number, side: number, unit: number): number {
  const thickness = (sum * unit) / side;
  let ratio = 1;
  for (const value of [values[start]!, values[end - 1]!]) {
    const length = (value * unit) / thickness;
    ratio = Math.max(ratio, length / thickness, thickness / length);
  }
  return ratio;
}
