/** docs/errors.md, made from the error table: `npm run docs:errors`; test/report/errors-page.test.ts holds the file to it. */
import { type ErrorFact, errorTable } from '../errors.ts';

const chapters: Readonly<Record<string, string>> = {
  ZK10: 'Usage',
  ZK20: 'Reading ONNX files',
  ZK30: 'Models that cannot be proven',
  ZK41: 'Inputs',
  ZK50: 'Artifacts, keys, receipts',
  ZK60: 'Proving',
  ZK70: 'Inside and around zkonnx',
};

const exitMeanings: readonly (readonly [number, string])[] = [
  [0, 'ok'],
  [1, 'a truthful "no": the receipt is not accepted, some of a batch failed'],
  [2, 'usage: the command line, a missing file, a missing step'],
  [3, 'the model cannot be read or cannot be proven'],
  [4, 'inputs that the model does not take'],
  [5, 'an artifact, key or other file is damaged or belongs to something else'],
  [70, 'our bug: please report it'],
  [130, 'interrupted'],
];

/** The page as Markdown. */
export function errorsPage(): string {
  const lines = [
    '# Errors',
    '',
    '<!-- Made from src/errors.ts by `npm run docs:errors`. Do not edit. -->',
    '',
    'Every error has a code that stays the same between versions. The CLI prints it on stderr, or with `--json` as `{"error": {"code", "exit", "message", "hint",',
    '"details"}}` on stdout; the server answers `{"error": {"code", "message", "hint"}}`; the library throws `ZkonnxError` with the same fields. `{…}` stands for what',
    'the message names.',
    '',
    '| exit | meaning |',
    '|---|---|',
    ...exitMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`),
  ];
  let chapter = '';
  for (const [code, fact] of Object.entries(errorTable) as [string, ErrorFact][]) {
    const own = chapters[code.slice(0, 4)] ?? 'Other';
    if (own !== chapter) {
      chapter = own;
      lines.push('', `## ${chapter}`);
    }
    lines.push(
      '',
      `### ${code}`,
      `**${fact.name}** · exit ${fact.exit} · HTTP ${fact.http}`,
      '',
      `> ${markdown(fact.message)}`,
      '',
      `What to do: ${markdown(fact.hint)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Placeholders and angle brackets are text, not HTML. */
function markdown(text: string): string {
  return text.replace(/</g, '&lt;').replace(/([*_`])/g, '\\$1');
}
