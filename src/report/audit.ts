/** An audit's verdicts for people and for scripts: by layer and gadget where the circuit has names, and each refutation with the wires that differ. */
import type { Audit, Verdict } from '../audit/audit.ts';
import type { Refutation } from '../audit/refute.ts';
import type { RowLabels } from '../r1cs/circuit.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { printable } from '../receipt/text.ts';
import { formatCount, textTable } from './table.ts';

/** Every circuit has one row for each of these, in this order. */
const verdicts = ['unique', 'free', 'undecided', 'broken'] as const;

/** Wires that a text names before it says how many more there are. */
const mostNamed = 8;

export interface AuditGroup {
  readonly layer: string;
  readonly gadget: string;
  readonly counts: Readonly<Record<Verdict, number>>;
}

/** First row of each wire: the row that its label is taken from. −1 where no row has it. */
function firstRows({ a, b, c, rowCount, wireCount }: R1cs): Int32Array {
  const first = new Int32Array(wireCount).fill(-1);
  for (const { starts, wires } of [a, b, c]) {
    for (let row = rowCount - 1; row >= 0; row--) for (let i = starts[row]!; i < starts[row + 1]!; i++) lower(first, wires[i]!, row);
  }
  return first;
}

function lower(first: Int32Array, wire: number, row: number): void {
  if (first[wire]! < 0 || row < first[wire]!) first[wire] = row;
}

/** Counts by layer and gadget, in the order in which they are first met. */
export function auditGroups(r1cs: R1cs, labels: RowLabels, audit: Audit): AuditGroup[] {
  const first = firstRows(r1cs);
  const groups = new Map<number, { layer: string; gadget: string; counts: Record<Verdict, number> }>();
  for (let wire = 1; wire < r1cs.wireCount; wire++) {
    const row = first[wire]!;
    const [layer, gadget] = row < 0 ? [-1, -1] : [labels.layerOf[row]!, labels.gadgetOf[row]!];
    const key = layer * 0x1_0000 + gadget;
    let group = groups.get(key);
    if (group === undefined) {
      const names = row < 0 ? { layer: '(no row)', gadget: '' } : { layer: labels.layers[layer]!, gadget: labels.gadgets[gadget]! };
      group = { ...names, counts: { input: 0, unique: 0, free: 0, undecided: 0, broken: 0 } };
      groups.set(key, group);
    }
    group.counts[audit.verdicts[wire]!]++;
  }
  return [...groups.values()];
}

export function auditTable(groups: readonly AuditGroup[]): string {
  return textTable(
    ['layer', 'gadget', 'input', ...verdicts],
    groups.map(({ layer, gadget, counts }) => [
      printable(layer),
      gadget,
      ...(['input', ...verdicts] as const).map((verdict) => formatCount(counts[verdict])),
    ]),
    [2, 3, 4, 5, 6],
  );
}

function wireList(wires: readonly number[], name: (wire: number) => string): string {
  const named = wires.slice(0, mostNamed).map(name).join(', ');
  return wires.length > mostNamed ? `${named} and ${formatCount(wires.length - mostNamed)} more` : named;
}

/** Wires of one verdict, ascending. */
export function wiresOf(audit: Audit, verdict: Verdict): number[] {
  return audit.verdicts.flatMap((found, wire) => (found === verdict && wire > 0 ? [wire] : []));
}

/** A wire by the row that its label is taken from, and whether it is a public signal, which whoever verifies reads. */
function wireNamer({ publicCount }: R1cs, first: Int32Array, labels: RowLabels | null): (wire: number) => string {
  return (wire) => {
    const row = first[wire]!;
    const facts = [
      ...(wire <= publicCount ? [`public signal ${wire}`] : []),
      ...(row < 0 ? ['in no row'] : [`row ${row}`]),
      ...(row < 0 || labels === null
        ? []
        : [
            `${printable(labels.layers[labels.layerOf[row]!]!, 40)} · ${labels.gadgets[labels.gadgetOf[row]!]} · element ${labels.elementOf[row]}`,
          ]),
    ];
    return `${wire} (${facts.join(', ')})`;
  };
}

/** @param labels of our own circuits: wires are named by layer and gadget, too. */
export function auditLines(audit: Audit, r1cs: R1cs, labels: RowLabels | null): string[] {
  const { counts, faults, refutations } = audit;
  const name = wireNamer(r1cs, firstRows(r1cs), labels);
  const lines = [
    `wires    ${formatCount(counts.input)} inputs · ${formatCount(counts.unique)} unique · ${formatCount(counts.free)} free by design · ${formatCount(counts.undecided)} undecided · ${formatCount(counts.broken)} broken`,
  ];
  for (const fault of new Set(faults.values())) {
    const wires = [...faults].filter(([, of]) => of === fault).map(([wire]) => wire);
    lines.push(`broken   ${fault}: wires ${wireList(wires, name)}`);
  }
  if (counts.undecided > 0)
    lines.push(`open     wires ${wireList(wiresOf(audit, 'undecided'), name)}: no rule decides them, no second witness was found`);
  for (const [i, refutation] of refutations.entries())
    lines.push(`two witnesses with the same inputs (${i + 1}): ${differences(refutation)}`);
  lines.push(
    counts.broken > 0
      ? `BROKEN: a prover can choose${publicSignals(faults, r1cs)}`
      : counts.undecided > 0
        ? 'UNDECIDED: not every wire is shown to be determined by the inputs'
        : 'every wire is determined by the inputs, or free by design',
  );
  return lines;
}

function differences({ wires, first, second }: Refutation): string {
  return wireList(wires, (wire) => `wire ${wire} = ${first[wire]} or ${second[wire]}`);
}

/** Those that a prover can choose for certain (two witnesses, or no row), apart from those that only no rule holds. */
function publicSignals(faults: Audit['faults'], { publicCount }: R1cs): string {
  const signals = [...faults.keys()].filter((wire) => wire <= publicCount).sort((x, y) => x - y);
  const isShown = (wire: number): boolean => faults.get(wire) === 'refuted' || faults.get(wire) === 'unconstrained';
  const [shown, others] = [signals.filter(isShown), signals.filter((wire) => !isShown(wire))];
  const certain = shown.length === 0 ? '' : `, among others, public signals ${wireList(shown, String)}`;
  return others.length === 0 ? certain : `${certain}; perhaps public signals ${wireList(others, String)}`;
}
