/** The definition of TopK on one row. */

/** Writes the largest (or least) of the row's elements to `places` of y, and their indices in the row behind all places: y.length / 2 further on. Ties to the first. */
export function topRow(least: boolean, xs: Int32Array, row: Int32Array, places: Int32Array, y: Int32Array): void {
  const order = Array.from(row.keys()).sort((a, b) => (least ? xs[row[a]] - xs[row[b]] : xs[row[b]] - xs[row[a]]) || a - b);
  places.forEach((place, j) => {
    y[place] = xs[row[order[j]]];
    y[y.length / 2 + place] = order[j];
  });
}
