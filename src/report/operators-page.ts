/** docs/operators.md, made from the operators' own files: `npm run docs:operators`; test/report/operators-page.test.ts holds the file to it. */
import { adviceEntries } from '../graph/advice.ts';
import type { Op } from '../graph/call.ts';
import { opChapters } from '../graph/ops.ts';

function opName({ domain, op }: Op): string {
  return domain === '' ? op : `${domain}.${op}`;
}

function span([first, last]: readonly [number, number]): string {
  return first === last ? `${first}` : `${first} – ${Number.isFinite(last) ? last : '…'}`;
}

/** QLinear operators and the like read integers beside their parameters; the others stand between Q/DQ pairs. */
function form({ domain, op }: Op): string {
  return domain === 'com.microsoft' || op.startsWith('QLinear') ? 'QOperator' : 'QDQ';
}

function row(op: Op): string {
  const attributes = op.attributes.length === 0 ? '' : op.attributes.join(', ');
  return `| ${opName(op)} | ${span(op.opsets)} | ${form(op)} | ${span(op.inputs)} | ${attributes} | ${op.limits ?? ''} |`;
}

/** The page as Markdown. */
export function operatorsPage(): string {
  const chapters = opChapters.flatMap(({ title, exactness, constraints, ops }) => [
    '',
    `## ${title}`,
    `- **Exact**: ${exactness}.`,
    `- **Constraints**: ${constraints}.`,
    '',
    '| operator | opsets | form | inputs | attributes | limits |',
    '|---|---|---|---|---|---|',
    ...ops.map(row),
  ]);
  return [
    '# Operators',
    '',
    '<!-- Made from src/graph/ops by `npm run docs:operators`. Do not edit. -->',
    '',
    'Whatever is accepted gives, bit for bit, what `onnxruntime-web` gives ([onnx-semantics.md](onnx-semantics.md)); anything else is refused in one report that names every',
    'node and what to do: `zkonnx check model.onnx`. Movement operators, MaxPool, ReduceMax, ReduceMin, ArgMax and ArgMin also take integers as they are, in QOperator files.',
    ...chapters,
    '',
    '## Refused, with advice',
    '| operator | why | what to do |',
    '|---|---|---|',
    ...adviceEntries().map(([op, { why, whatToDo }]) => `| ${op} | ${why} | ${whatToDo} |`),
    '',
  ].join('\n');
}
