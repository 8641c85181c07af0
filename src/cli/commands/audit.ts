/** `zkonnx audit DIR|FILE.r1cs`: is every wire of a circuit determined by its inputs? */
import { join } from 'node:path';
import { type Audit, auditSteps } from '../../audit/audit.ts';
import { ZkonnxError } from '../../errors.ts';
import { driveSteps } from '../../events.ts';
import { type Circuit, inputWires } from '../../r1cs/circuit.ts';
import { decodeR1cs } from '../../r1cs/format.ts';
import { freeWires } from '../../r1cs/free-wires.ts';
import type { R1cs } from '../../r1cs/r1cs.ts';
import { auditGroups, auditLines, auditTable, wiresOf } from '../../report/audit.ts';
import { formatCount } from '../../report/table.ts';
import { loadArtifact } from '../../store/artifact.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { encodeWtns } from '../../witness/format.ts';
import { makeWitness } from '../../witness/witness.ts';
import { chooseArtifact, isFile } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { parseWires } from '../options.ts';
import { readUserFile } from '../user-file.ts';

interface Options {
  readonly inputs?: string;
  readonly free?: string;
  readonly out?: string;
}

interface Subject {
  readonly r1cs: R1cs;
  readonly inputs: Iterable<number>;
  /** Of our own circuits, as are the next. */
  readonly labels: Circuit['labels'] | null;
  /** Wires that may vary by their gadget's documentation. */
  readonly documented: ReadonlySet<number>;
}

export const auditCommand: CliCommand<Options> = {
  name: 'audit',
  summary: 'is every wire of a circuit determined by its inputs? exit 0 yes, 1 no (two witnesses are shown), 10 undecided',
  example: 'zkonnx audit circuit.r1cs --inputs 5-132,200',
  configure: (command) =>
    command
      .argument('[circuit]', 'artifact folder (default: the only one under artifacts/), or a .r1cs file')
      .option('--inputs <wires>', 'of a .r1cs file: the wires that are given, e.g. 5-132,200; all others must follow from them')
      .option('--free <wires>', 'wires that may vary by design')
      .option('--out <folder>', 'write the two witnesses of each refutation as .wtns files'),
  async run(session, [given], options) {
    const { r1cs, inputs, labels, documented } = await subjectOf(given, options, session.runOptions);
    const free = options.free === undefined ? [] : inRange(parseWires(options.free, '--free'), r1cs, '--free');
    const found = await driveSteps('audit', auditSteps(r1cs, { inputs, free, documented }), session.runOptions);
    const files = options.out === undefined ? [] : await writeRefutations(options.out, r1cs, found, session.runOptions);
    const groups = labels === null ? null : auditGroups(r1cs, labels, found);
    session.result(
      {
        constraints: r1cs.rowCount,
        wires: r1cs.wireCount,
        counts: found.counts,
        unique: wiresOf(found, 'unique'),
        free: wiresOf(found, 'free'),
        undecided: wiresOf(found, 'undecided'),
        broken: wiresOf(found, 'broken').map((wire) => ({ wire, fault: found.faults.get(wire) })),
        refutations: found.refutations.map(({ wires, first, second }) => ({
          inputs: [...inputs].map((wire) => ({ wire, value: String(first[wire]) })),
          differ: wires.map((wire) => ({ wire, first: String(first[wire]), second: String(second[wire]) })),
        })),
        groups,
        files,
      },
      [
        `${formatCount(r1cs.rowCount)} constraints, ${formatCount(r1cs.wireCount)} wires`,
        ...(groups === null ? [] : [auditTable(groups)]),
        ...auditLines(found, r1cs, labels),
        ...files,
      ].join('\n'),
    );
    return found.counts.broken > 0 ? 1 : found.counts.undecided > 0 ? 10 : 0;
  },
};

async function subjectOf(given: string | undefined, { inputs }: Options, options: Parameters<typeof loadArtifact>[1]): Promise<Subject> {
  if (given !== undefined && (given.endsWith('.r1cs') || (await isFile(given)))) {
    if (inputs === undefined) {
      throw new ZkonnxError('ZK1001', {
        what: 'an audit of a .r1cs file needs its input wires: a hint that its header declares as an input would make the audit say nothing',
        hint: 'give --inputs, e.g. --inputs 5-132,200',
      });
    }
    const r1cs = decodeR1cs(await readUserFile(given), given);
    return { r1cs, inputs: inRange(parseWires(inputs, '--inputs'), r1cs, '--inputs'), labels: null, documented: new Set() };
  }
  if (inputs !== undefined)
    throw new ZkonnxError('ZK1001', { what: '--inputs is for .r1cs files: an artifact folder knows its inputs', hint: 'leave it out' });
  const { compiled } = await loadArtifact(await chooseArtifact(given), options);
  const { r1cs, labels, inputs: roots, plan } = compiled.circuit;
  return { r1cs, inputs: inputWires(roots), labels, documented: freeWires(plan) };
}

function inRange(wires: Set<number>, { wireCount }: R1cs, option: string): Set<number> {
  for (const wire of wires) {
    if (wire < wireCount) continue;
    throw new ZkonnxError('ZK1001', {
      what: `${option} names wire ${wire} of ${wireCount}`,
      hint: 'wires count from 0, which is the constant 1',
    });
  }
  return wires;
}

async function writeRefutations(
  folder: string,
  r1cs: R1cs,
  { refutations }: Audit,
  options: Parameters<typeof writeFileAtomic>[2],
): Promise<string[]> {
  const files: string[] = [];
  for (const [i, { first, second }] of refutations.entries()) {
    for (const [name, values] of [
      ['a', first],
      ['b', second],
    ] as const) {
      const path = join(folder, `refutation-${i + 1}${name}.wtns`);
      await writeFileAtomic(path, encodeWtns(r1cs, makeWitness(values)), options);
      files.push(path);
    }
  }
  return files;
}
