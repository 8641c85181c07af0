/**
 * The report of everything in a model that cannot be proven: all nodes at once, so that one export fixes them all.
 * `Refusal` carries one node's reason from an op's file to the pass that collects them.
 */
import { ZkonnxError } from '../errors.ts';

/** One line of the report; a graph input or output appears with op "input" or "output". */
export interface Unsupported {
  readonly node: string;
  readonly op: string;
  /** "" is ONNX's default domain. */
  readonly domain: string;
  readonly opset: number;
  /** Shape of the node's first output, or null where it cannot be known. */
  readonly shape: readonly (number | string)[] | null;
  readonly why: string;
  readonly whatToDo: string;
}

/** Thrown by an op that meets something it cannot translate; caught by the translate pass, never by users. */
export class Refusal extends Error {
  readonly why: string;
  readonly whatToDo: string;
  /** The node it is about; null: the one being translated. */
  readonly at: { readonly name: string; readonly op: string } | null;
  constructor(why: string, whatToDo: string, at: Refusal['at'] = null) {
    super(why);
    this.why = why;
    this.whatToDo = whatToDo;
    this.at = at;
  }
}

/** Runs `make`; what it refuses is reported of the node `at`, not of the one being translated. */
export function refusalsAt<T>(at: { readonly name: string; readonly op: string }, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.why, error.whatToDo, at) : error;
  }
}

export function refuse(why: string, whatToDo: string): never {
  throw new Refusal(why, whatToDo);
}

function opName(entry: Unsupported): string {
  return entry.domain === '' ? entry.op : `${entry.domain}.${entry.op}`;
}

function title(entry: Unsupported): string {
  const shape = entry.shape === null ? '' : ` [${entry.shape.join(', ')}]`;
  const opset = entry.opset > 0 ? `, opset ${entry.opset}` : '';
  return `${entry.node} (${opName(entry)}${opset})${shape}`;
}

/** The report as text: one paragraph for all nodes that have the same reason. */
function print(entries: readonly Unsupported[]): string {
  const groups = new Map<string, Unsupported[]>();
  for (const entry of entries) {
    const reason = `${entry.why}\n  → ${entry.whatToDo}`;
    groups.set(reason, [...(groups.get(reason) ?? []), entry]);
  }
  return [...groups].map(([reason, same]) => `${same.map(title).join('\n')}: ${reason}`).join('\n');
}

/** "3 of 41 nodes and 1 input": a node that fails for two reasons counts once. */
function count(entries: readonly Unsupported[], total: number): string {
  const distinct = (wanted: (op: string) => boolean) => new Set(entries.filter(({ op }) => wanted(op)).map(({ node }) => node)).size;
  const nodes = distinct((op) => op !== 'input' && op !== 'output');
  const parts = [['input', distinct((op) => op === 'input')] as const, ['output', distinct((op) => op === 'output')] as const]
    .filter(([, n]) => n > 0)
    .map(([word, n]) => `${n} ${word}${n > 1 ? 's' : ''}`);
  return [...(nodes > 0 ? [`${nodes} of ${total} nodes`] : []), ...parts].join(' and ');
}

/** Throws ZK3001 with all entries as `details` and, printed, as `hint`. */
export function throwUnsupported(entries: readonly Unsupported[], total: number): never {
  throw new ZkonnxError('ZK3001', { what: count(entries, total), report: print(entries) }, { details: entries });
}
