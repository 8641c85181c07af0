/** Where a circuit's constraints go: one row per layer with its shape, bounds, constraints by gadget, and which exact form each channel's requantization got. */
import type { CompiledModel } from '../compile.ts';
import type { AverageForm, ProgramOp, ProgramTensor, StepForm } from '../program/program.ts';
import type { Circuit } from '../r1cs/circuit.ts';
import { printable } from '../receipt/text.ts';
import { formatCount, textTable } from './table.ts';

export interface LayerReport {
  /** ONNX node, or a part of the circuit that belongs to none (signals, hash, range of the inputs). */
  readonly layer: string;
  /** ONNX op; "" for those. */
  readonly op: string;
  /** The layer's last tensor. */
  readonly output: { readonly dims: readonly number[]; readonly dtype: string; readonly low: number; readonly high: number } | null;
  readonly constraints: number;
  /** Constraints by gadget, largest first. */
  readonly gadgets: readonly { readonly gadget: string; readonly constraints: number }[];
  /** Exact integer forms with the number of channels (or window shapes) that have each: "line ×5". */
  readonly forms: readonly string[];
}

/** Layers in circuit order; layers that cost nothing stand where the program has them. */
export function layerReports(compiled: CompiledModel): LayerReport[] {
  const counted = countRows(compiled.circuit);
  const reports: LayerReport[] = [];
  const done = new Set<string>();
  const programLayers = new Map<string, ProgramOp[]>();
  for (const op of compiled.program.ops) {
    const ops = programLayers.get(op.layer);
    if (ops === undefined) programLayers.set(op.layer, [op]);
    else ops.push(op);
  }
  const push = (layer: string): void => {
    if (done.has(layer)) return;
    done.add(layer);
    const ops = programLayers.get(layer) ?? [];
    const last = ops.at(-1);
    const gadgets = [...(counted.get(layer) ?? new Map<string, number>())]
      .map(([gadget, constraints]) => ({ gadget, constraints }))
      .sort((a, b) => b.constraints - a.constraints);
    reports.push({
      layer,
      op: last?.op ?? '',
      output: last === undefined ? null : outputOf(compiled.program.tensors[last.y]!),
      constraints: gadgets.reduce((sum, { constraints }) => sum + constraints, 0),
      gadgets,
      forms: ops.flatMap(formsOf),
    });
  };
  // What the circuit builds before the first layer (signals, ranges of the inputs) comes first, the rest in the program's order, then what is left.
  for (const layer of counted.keys()) {
    if (programLayers.has(layer)) break;
    push(layer);
  }
  for (const layer of programLayers.keys()) push(layer);
  for (const layer of counted.keys()) push(layer);
  return reports;
}

function outputOf({ dims, dtype, low, high }: ProgramTensor): LayerReport['output'] {
  return { dims, dtype, low, high };
}

/** Rows by layer and gadget, layers in the order of their first row. */
function countRows({ labels, r1cs }: Circuit): Map<string, Map<string, number>> {
  const gadgetCount = labels.gadgets.length;
  const counts = new Float64Array(labels.layers.length * gadgetCount);
  const order: number[] = [];
  const seen = new Uint8Array(labels.layers.length);
  for (let row = 0; row < r1cs.rowCount; row++) {
    const layer = labels.layerOf[row]!;
    if (seen[layer] === 0) {
      seen[layer] = 1;
      order.push(layer);
    }
    counts[layer * gadgetCount + labels.gadgetOf[row]!]!++;
  }
  return new Map(
    order.map((layer) => [
      labels.layers[layer]!,
      new Map(
        labels.gadgets.flatMap((gadget, i): [string, number][] => {
          const constraints = counts[layer * gadgetCount + i]!;
          return constraints === 0 ? [] : [[gadget, constraints]];
        }),
      ),
    ]),
  );
}

function describeStep(form: StepForm): string {
  switch (form.kind) {
    case 'constant':
      return 'constant';
    case 'thresholds':
      return `${form.thresholds.length} thresholds`;
    case 'line': {
      const parts = ['line'];
      if (form.tie !== null) parts.push('ties to even');
      const exceptions = form.exceptions.length;
      if (exceptions > 0) parts.push(`${exceptions} exception${exceptions === 1 ? '' : 's'}`);
      return parts.join(' + ');
    }
  }
}

function describeAverage(form: AverageForm): string {
  return form.kind === 'sum' ? describeStep(form.step) : `float sum, ${describeStep(form.step)}`;
}

function formsOf(op: ProgramOp): string[] {
  switch (op.kind) {
    case 'requantize':
      return grouped(op.forms.map(describeStep));
    case 'add':
      return [`${op.form.kind}, ${describeStep(op.form.step)}`];
    case 'multiply':
      return [
        `product, ${describeStep(op.form.step)}${op.form.exceptions.length > 0 ? `, ${op.form.exceptions.length} pairs set right` : ''}`,
      ];
    case 'table':
      return grouped(op.tables.map(({ values, step }) => (step === null ? `table of ${values.length}` : describeStep(step))));
    case 'average':
      return grouped(op.shapes.map((shape) => describeAverage(shape.form)));
    case 'max':
      return op.beforeRequantize ? ['taken on accumulators'] : [];
    default:
      return [];
  }
}

/** Equal words counted, the most frequent first: ["line ×5", "line + 1 exception ×1"]. */
function grouped(words: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([word, count]) => (words.length === 1 ? word : `${word} ×${count}`));
}

/** The first few, and how many kinds more there are. */
function shortList(forms: readonly string[]): string {
  const shown = 4;
  const rest = forms.length - shown;
  return forms.slice(0, shown).join(', ') + (rest > 0 ? `, ${rest} more kind${rest === 1 ? '' : 's'}` : '');
}

/** The table of `zkonnx inspect`. */
export function layersTable(reports: readonly LayerReport[]): string {
  const total = reports.reduce((sum, { constraints }) => sum + constraints, 0);
  const rows = reports.map((report) => [
    printable(report.layer),
    report.op,
    report.output === null ? '' : `${report.output.dtype}[${report.output.dims.join(',')}]`,
    report.output === null ? '' : `${report.output.low}…${report.output.high}`,
    formatCount(report.constraints),
    total === 0 ? '' : `${((100 * report.constraints) / total).toFixed(1)} %`,
    shortList(report.forms),
  ]);
  rows.push(['total', '', '', '', formatCount(total), '', '']);
  return textTable(['layer', 'op', 'output', 'bounds', 'constraints', 'share', 'requantization'], rows, [4, 5]);
}
