/** `zkonnx setup DIR --ptau FILE | --dev`: proving and verification key for a compiled model. */
import { ZkonnxError } from '../../errors.ts';
import { knownPtau } from '../../groth16/ceremony/known-ptau.ts';
import { formatBytes } from '../../report/table.ts';
import { setup } from '../../setup.ts';
import { loadArtifact, saveKeys } from '../../store/artifact.ts';
import { artifactFiles } from '../../store/manifest.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';

interface Options {
  readonly dev?: boolean;
  readonly seed?: string;
  readonly ptau?: string;
  readonly entropy?: string;
  readonly name?: string;
}

export const setupCommand: CliCommand<Options> = {
  name: 'setup',
  summary: 'make the keys of a compiled model (--ptau: from powers of tau; --dev: for trying out, whoever makes them can forge)',
  example: 'zkonnx setup artifacts/credit-3f9ac210 --dev',
  configure: (command) =>
    command
      .argument('[dir]', 'artifact folder (default: the only one under artifacts/)')
      .option(
        '--ptau <file>',
        "powers of tau in snarkjs' format, e.g. powersOfTau28_hez_final_16.ptau: adds one contribution, to be continued by others",
      )
      .option('--entropy <text>', 'with --ptau: mixed with random bytes')
      .option('--name <text>', 'with --ptau: whose contribution it is; stands in the key')
      .option('--dev', 'a development key: one machine draws the secrets; never for production')
      .option('--seed <text>', 'with --dev: the same key every time; anyone who knows the seed can forge'),
  async run(session, [given], options) {
    if ((options.dev === true) === (options.ptau !== undefined)) {
      throw new ZkonnxError('ZK1001', {
        what: options.dev === true ? 'setup takes --dev or --ptau, not both' : 'setup needs to know which kind',
        hint: 'zkonnx setup DIR --ptau FILE.ptau, or zkonnx setup DIR --dev   (whoever makes a dev key can forge proofs for it)',
      });
    }
    const stray =
      options.dev === true
        ? options.entropy !== undefined
          ? '--entropy'
          : options.name !== undefined
            ? '--name'
            : null
        : options.seed !== undefined
          ? '--seed'
          : null;
    if (stray !== null) {
      throw new ZkonnxError('ZK1001', {
        what: `${stray} does not go with ${options.dev === true ? '--dev' : '--ptau'}`,
        hint: 'leave it out',
      });
    }
    const folder = await chooseArtifact(given);
    const { compiled } = await loadArtifact(folder, session.runOptions);
    const keys =
      options.ptau === undefined
        ? await setup(compiled, { kind: 'dev', seed: options.seed, ...session.runOptions })
        : await setup(compiled, {
            kind: 'ptau',
            ptau: { path: options.ptau },
            entropy: options.entropy,
            name: options.name,
            ...session.runOptions,
          });
    const { files } = await saveKeys(folder, keys, session.runOptions);
    const sizeBytes = files[artifactFiles.zkey]!.bytes;
    const { kind, ptauDigest, transcriptHash } = keys.setup;
    const known = ptauDigest === undefined ? null : knownPtau(ptauDigest);
    const lines =
      kind === 'dev'
        ? [`${folder}   DEV keys: whoever ran this set-up could forge. Not for production.`]
        : [
            `${folder}   keys with one contribution, this one: whoever kept its secret could forge until others contribute`,
            `  powers of tau  ${known ?? 'no file that we know'} (BLAKE2b ${ptauDigest!.slice(0, 16)}…)`,
            `  transcript   ${transcriptHash}`,
          ];
    session.result(
      {
        folder,
        setup: { ...keys.setup, vkeyHash: keys.vkeyHash },
        knownPtau: known,
        circuitDigest: keys.circuitDigest,
        zkeyBytes: sizeBytes,
      },
      [...lines, `  proving key  ${formatBytes(sizeBytes)}`, `  vkey hash    ${keys.vkeyHash}`].join('\n'),
    );
    session.next(
      kind === 'dev'
        ? `zkonnx prove ${folder} --inputs FILE.npz --out receipt.json`
        : `zkonnx ceremony contribute ${folder}/${artifactFiles.zkey} --out NEXT.zkey`,
    );
    return 0;
  },
};
