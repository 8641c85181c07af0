/** `zkonnx export`: a key as Solidity or JSON, a receipt as calldata or as snarkjs' three files. */
import { join } from 'node:path';
import { ZkonnxError } from '../../errors.ts';
import { calldata, calldataText } from '../../evm/calldata.ts';
import { solidityVerifier } from '../../evm/solidity.ts';
import { receiptSignals } from '../../receipt/claim.ts';
import { parseReceipt } from '../../receipt/parse.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { snarkjsFiles } from '../../receipt/snarkjs.ts';
import { loadVerificationKey, readManifest } from '../../store/artifact.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { readUserFile } from '../user-file.ts';

interface Options {
  readonly out?: string;
  readonly contractName?: string;
}

const kinds = ['solidity', 'vkey', 'calldata', 'snarkjs'] as const;
type Kind = (typeof kinds)[number];

export const exportCommand: CliCommand<Options> = {
  name: 'export',
  summary: 'a key as Solidity or JSON, a receipt as calldata or for snarkjs',
  example: 'zkonnx export artifacts/credit-3f9ac210 solidity --out Verifier.sol\nzkonnx export receipt.json snarkjs --out proof/',
  configure: (command) =>
    command
      .argument('[from]', 'artifact folder (solidity, vkey; default: the only one under artifacts/) or receipt (calldata, snarkjs)')
      .argument('[kind]', kinds.join(', '))
      .option('--out <path>', 'file to write (default: stdout); for snarkjs the folder of proof.json, public.json, verification_key.json')
      .option('--contract-name <name>', 'name of the Solidity contract'),
  async run(session, args, options) {
    const { from, kind } = sourceAndKind(args);
    if (kind === 'solidity' || kind === 'vkey') return exportKey(session, await chooseArtifact(from), kind, options);
    if (from === undefined)
      throw new ZkonnxError('ZK1001', { what: `${kind} is made from a receipt`, hint: `zkonnx export RECEIPT.json ${kind}` });
    return exportReceipt(session, await readReceipt(from), kind, options);
  },
};

function isKind(word: string | undefined): word is Kind {
  return (kinds as readonly (string | undefined)[]).includes(word);
}

/** `export DIR solidity`, or `export solidity` with the default folder. */
function sourceAndKind([first, second]: readonly (string | undefined)[]): { from: string | undefined; kind: Kind } {
  if (isKind(second)) return { from: first, kind: second };
  if (second === undefined && isKind(first)) return { from: undefined, kind: first };
  throw new ZkonnxError('ZK1001', {
    what: second === undefined ? 'export what?' : `cannot export "${second}"`,
    hint: `zkonnx export DIR solidity|vkey, or zkonnx export RECEIPT.json calldata|snarkjs`,
  });
}

async function exportKey(session: Session, folder: string, kind: 'solidity' | 'vkey', options: Options): Promise<0> {
  const manifest = await readManifest(folder);
  const verificationKey = await loadVerificationKey(folder, manifest);
  const setupKind = manifest.setup!.kind;
  const text =
    kind === 'vkey'
      ? `${JSON.stringify(verificationKey, null, 1)}\n`
      : solidityVerifier({
          verificationKey,
          circuitDigest: manifest.digests.circuit,
          setupKind,
          ptauDigest: manifest.setup!.ptauDigest,
          transcriptHash: manifest.setup!.transcriptHash,
          layout: manifest.layout,
          contractName: options.contractName,
        });
  await deliver(session, kind, text, options, { setup: setupKind });
  if (setupKind === 'dev') session.note('  note         a DEV key: whoever made it can forge. Not for production.');
  if (setupKind === 'ptau')
    session.note('  note         a key with one contributor, who can forge unless he forgot his secret: zkonnx ceremony');
  return 0;
}

async function exportReceipt(session: Session, receipt: Receipt, kind: 'calldata' | 'snarkjs', options: Options): Promise<0> {
  if (kind === 'calldata') {
    const call = calldata(receipt.proof, receiptSignals(receipt).map(String));
    await deliver(session, kind, `${call.hex}\n`, options, { arguments: calldataText(call) });
    return 0;
  }
  if (options.out === undefined)
    throw new ZkonnxError('ZK1001', { what: 'snarkjs needs a folder for its three files', hint: 'give --out FOLDER' });
  const files = Object.entries(snarkjsFiles(receipt));
  for (const [name, content] of files)
    await writeFileAtomic(join(options.out, name), `${JSON.stringify(content, null, 1)}\n`, session.runOptions);
  const paths = files.map(([name]) => join(options.out!, name));
  session.result({ kind, files: paths }, paths.join('\n'));
  session.next(
    `npx snarkjs groth16 verify ${['verification_key', 'public', 'proof'].map((name) => join(options.out!, `${name}.json`)).join(' ')}`,
  );
  return 0;
}

/** To --out, or to stdout as it is (with --json: in the document). */
async function deliver(session: Session, kind: Kind, text: string, options: Options, facts: object): Promise<void> {
  if (options.out === undefined) {
    session.result({ kind, ...facts, text }, text);
    return;
  }
  await writeFileAtomic(options.out, text, session.runOptions);
  session.result({ kind, ...facts, out: options.out }, options.out);
}

/** @throws ZkonnxError ZK1002, ZK5006. */
async function readReceipt(path: string): Promise<Receipt> {
  const text = new TextDecoder().decode(await readUserFile(path));
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new ZkonnxError('ZK5006', { where: path, what: 'is not JSON' });
  }
  return parseReceipt(data);
}
