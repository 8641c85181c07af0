/** `zkonnx setup DIR --dev`: proving and verification key for a compiled model. */
import { ZkonnxError } from '../../errors.ts';
import { formatBytes } from '../../report/table.ts';
import { setup } from '../../setup.ts';
import { loadArtifact, saveKeys } from '../../store/artifact.ts';
import { artifactFiles } from '../../store/manifest.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';

interface Options {
  readonly dev?: boolean;
  readonly seed?: string;
}

export const setupCommand: CliCommand<Options> = {
  name: 'setup',
  summary: 'make the keys of a compiled model (--dev: for trying out, whoever makes them can forge)',
  example: 'zkonnx setup artifacts/credit-3f9ac210 --dev',
  configure: (command) =>
    command
      .argument('[dir]', 'artifact folder (default: the only one under artifacts/)')
      .option('--dev', 'a development key: one machine draws the secrets; never for production')
      .option('--seed <text>', 'the same key every time; anyone who knows the seed can forge'),
  async run(session, [given], options) {
    if (options.dev !== true) {
      throw new ZkonnxError('ZK1001', {
        what: 'setup needs to know which kind: --dev is the only one yet',
        hint: 'zkonnx setup DIR --dev   (whoever makes a dev key can forge proofs for it)',
      });
    }
    const folder = await chooseArtifact(given);
    const { compiled } = await loadArtifact(folder, session.runOptions);
    const keys = await setup(compiled, { kind: 'dev', seed: options.seed, ...session.runOptions });
    const { files } = await saveKeys(folder, keys, session.runOptions);
    const sizeBytes = files[artifactFiles.zkey]!.bytes;
    session.result(
      { folder, setup: { kind: keys.setup.kind, vkeyHash: keys.vkeyHash }, circuitDigest: keys.circuitDigest, zkeyBytes: sizeBytes },
      [
        `${folder}   DEV keys: whoever ran this set-up could forge. Not for production.`,
        `  proving key  ${formatBytes(sizeBytes)}`,
        `  vkey hash    ${keys.vkeyHash}`,
      ].join('\n'),
    );
    session.next(`zkonnx prove ${folder} --inputs FILE.npz --out receipt.json`);
    return 0;
  },
};
