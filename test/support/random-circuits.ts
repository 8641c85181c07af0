/** Small random circuits of the rows that audits have rules for, mostly faulty; and the audit's verdicts on them against a complete search. */
import { audit } from '../../src/audit/audit.ts';
import { openSearch } from '../../src/audit/search.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { Circuit, type Sparse } from './hand-written.ts';
import { makeR1cs } from './small-r1cs.ts';

type Random = (below: number) => number;

function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

const coefficients = [1, -1, 1, 2, -2, 3, 4, 5, -4, 8, 16, 18];
const constants = [1, -1, 2, -3, 4, 7];
const inputValues = [-1, 0, 1, 2, 3, 5, 7, 12];

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

/** One or two inputs, two to seven other wires, up to twice as many rows. */
function randomCircuit(random: Random): Circuit {
  const circuit = new Circuit();
  const inputs = Array.from({ length: 1 + random(2) }, () => circuit.input());
  const hidden = Array.from({ length: 2 + random(6) }, () => circuit.wire());
  const all = [...inputs, ...hidden];
  const linear = (terms: number): Record<number, number> => {
    const sum: Record<number, number> = random(2) === 0 ? {} : { 0: pick(random, constants) };
    for (let i = 0; i < terms; i++) {
      const wire = pick(random, random(3) > 0 ? hidden : all);
      sum[wire] = (sum[wire] ?? 0) + pick(random, coefficients);
    }
    return sum;
  };
  const isBit = (wire: number): void => circuit.row({ [wire]: 1 }, { 0: -1, [wire]: 1 }, {});
  const shapes: readonly (() => void)[] = [
    () => circuit.zero(linear(1 + random(5))),
    () => circuit.row(linear(1 + random(5)), { 0: 1 }, { [pick(random, all)]: 1 }),
    () => circuit.row(linear(1 + random(2)), linear(1 + random(2)), linear(1 + random(2))),
    () => {
      const sum = linear(1 + random(5));
      circuit.row(sum, { ...sum, 0: (sum[0] ?? 0) - pick(random, [1, 1, 2, 3]) }, {});
    },
    () => circuit.row(linear(1 + random(2)), linear(1), {}),
    () => {
      const [x, inverse, zero] = [pick(random, all), pick(random, hidden), pick(random, hidden)];
      circuit.row({ [x]: 1 }, { [inverse]: 1 }, { 0: 1, [zero]: -1 });
      if (random(3) > 0) circuit.row({ [x]: 1 }, { [zero]: 1 }, {});
    },
    () => {
      const sum: Record<number, number> = { [pick(random, all)]: -1 };
      for (let i = random(4); i >= 0; i--) {
        const bit = pick(random, hidden);
        sum[bit] = (sum[bit] ?? 0) + 2 ** i;
      }
      circuit.zero(sum);
    },
  ];
  for (const wire of hidden) if (random(3) === 0) isBit(wire);
  for (let rows = 2 + random(all.length + 3); rows > 0; rows--) pick(random, shapes)();
  return circuit;
}

export interface VerdictCounts {
  readonly circuits: number;
  readonly unique: number;
  readonly witnesses: number;
  /** Rows of circuits with a wire that was called unique and has two values. */
  readonly wrong: readonly (readonly [Sparse, Sparse, Sparse][])[];
}

/** Wires that the rules call unique have one value in all witnesses that a search finds, on eight assignments of the inputs each. */
export function checkVerdicts(circuits: number, seed: number): VerdictCounts {
  const random = generator(seed);
  const wrong: [Sparse, Sparse, Sparse][][] = [];
  let [unique, witnesses] = [0, 0];
  for (let i = 0; i < circuits; i++) {
    const circuit = randomCircuit(random);
    const r1cs = makeR1cs(circuit.rows, circuit.wires, 0);
    const { verdicts } = audit(r1cs, { inputs: circuit.inputs, trials: 0 });
    const wires = [...verdicts.keys()].filter((wire) => wire > 0 && verdicts[wire] === 'unique');
    unique += wires.length;
    for (let trial = 0; trial < 8 && wires.length > 0; trial++) {
      const fixed = new Map(circuit.inputs.map((wire) => [wire, mod(BigInt(pick(random, inputValues)), scalarOrder)]));
      const { found } = openSearch(r1cs, fixed, { looks: 20_000 }).witnesses(12);
      witnesses += found.length;
      const varies = (wire: number): boolean => {
        const values = new Set(found.map(({ values: of }) => of[wire]));
        return values.size > 1 || values.has(null);
      };
      if (!wires.some(varies)) continue;
      wrong.push(circuit.rows.map((row) => row.map((side) => Object.fromEntries(side)) as [Sparse, Sparse, Sparse]));
      break;
    }
  }
  return { circuits, unique, witnesses, wrong };
}
