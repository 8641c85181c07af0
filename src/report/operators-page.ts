/** docs/operators.md, made from the operators' own files: `npm run docs:operators`; test/report/operators-page.test.ts holds the file to it. */
import { adviceEntries } from '../graph/advice.ts';
import type { Op } from '../graph/call.ts';
import { factsOf, type OpChapter, opChapters } from '../graph/ops.ts';

function opName({ domain, op }: Op): string {
  return domain === '' ? op : `${domain}.${op}`;
}

function span([first, last]: readonly [number, number]): string {
  return first === last ? `${first}` : `${first} – ${Number.isFinite(last) ? last : '…'}`;
}

function row(chapter: OpChapter, op: Op): string {
  const { forms, constraints, exactness } = factsOf(chapter, op);
  const cells = [
    opName(op),
    span(op.opsets),
    forms.join(', '),
    span(op.inputs),
    op.attributes.join(', '),
    op.limits ?? '',
    constraints,
    exactness,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** What the formulas are written in. */
const symbols: readonly (readonly [symbol: string, meaning: string])[] = [
  ['n', 'elements of the result'],
  ['S', 'constraints of a step (a requantization), the mean over its elements: 15 to 35; `zkonnx inspect` has the form of each channel'],
  ['L', 'constraints of a lookup: 34 in a table of 256 entries ([circuits.md](circuits.md))'],
  ['F', 'constraints of a function of 8 bits, S where it is a digital line and that is less, else L'],
  ['c', 'comparisons: elements of all windows (or of all tensors), less n'],
  ['b', 'bits of the difference of two values compared: ⌈log2(high − low + 1)⌉, 8 where the bounds are those of the type'],
  ['r', 'elements that are requantized first, to the parameters of the result'],
  ['e', 'pairs that float32 rounds otherwise than their product, 0 to 64'],
  [
    'Z',
    'constraints of an element of Softmax: 106 in rows of 10 at a scale of 1/256, 2 more for each doubling of the row, 15 more at other scales',
  ],
  ['k', 'elements of a window or row'],
  ['t', 'the K of TopK, less than k'],
  ['w', 'values that an element can have, 256 where the bounds are those of the type'],
];

/** The page as Markdown. */
export function operatorsPage(): string {
  const chapters = opChapters.flatMap((chapter) => [
    '',
    `## ${chapter.title}`,
    `Why it is exact: ${chapter.why}.`,
    '',
    '| operator | opsets | forms | inputs | attributes | limits | constraints | exactness |',
    '|---|---|---|---|---|---|---|---|',
    ...chapter.ops.map((op) => row(chapter, op)),
  ]);
  return [
    '# Operators',
    '',
    '<!-- Made from src/graph/ops by `npm run docs:operators`. Do not edit. -->',
    '',
    'Whatever is accepted gives, bit for bit, what `onnxruntime-web` gives ([onnx-semantics.md](onnx-semantics.md)); anything else is refused in one report that names every',
    'node and what to do: `zkonnx check model.onnx`.',
    '',
    'An operator stands in a file in one or more *forms*: between Q/DQ pairs (QDQ), on integers with parameters of its own (QOperator), or on integers as they are (integer).',
    '*Constraints* are those of one node, its requantization included, in these symbols; `test/report/operator-costs.test.ts` holds every formula to counted constraints. Where an',
    'element is known when the model is compiled, it costs less.',
    '',
    '| symbol | |',
    '|---|---|',
    ...symbols.map(([symbol, meaning]) => `| ${symbol} | ${meaning} |`),
    ...chapters,
    '',
    '## Refused, with advice',
    '| operator | why | what to do |',
    '|---|---|---|',
    ...adviceEntries().map(([op, { why, whatToDo }]) => `| ${op} | ${why} | ${whatToDo} |`),
    '',
  ].join('\n');
}
