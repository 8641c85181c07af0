/** The one report of everything in a model that cannot be proven, with the way out of each: what ZK3001 (and ZK3002, ZK3003 for one node) carries in `details`, as a table. */
import type { Unsupported } from '../graph/report.ts';
import { printable } from '../receipt/text.ts';
import { textTable } from './table.ts';

/** null where `details` is no such list. */
export function unsupportedTable(details: unknown): string | null {
  if (!Array.isArray(details) || details.length === 0) return null;
  const entries = details as Unsupported[];
  const advice = (entry: Unsupported): string => printable(`${entry.why}: ${entry.whatToDo}`, 400);
  const rows = entries.map((entry, i) => [
    `  ${printable(entry.node)}`,
    printable(entry.domain === '' ? entry.op : `${entry.domain}.${entry.op}`),
    printable(
      [entry.opset > 0 ? `opset ${entry.opset}` : '', entry.shape === null ? '' : `[${entry.shape.join(',')}]`].filter(Boolean).join(' '),
    ),
    i > 0 && advice(entry) === advice(entries[i - 1]!) ? '″ as above' : advice(entry),
  ]);
  return textTable(['  node', 'op', 'where', 'what to do'], rows);
}
