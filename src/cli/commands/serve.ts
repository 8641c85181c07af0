/** `zkonnx serve [DIR…]`: the verification API, until Ctrl-C. */
import { basename } from 'node:path';
import { ZkonnxError } from '../../errors.ts';
import { createServer, type ServedKey } from '../../server/server.ts';
import { loadVerificationKey, readManifest } from '../../store/artifact.ts';
import { version } from '../../version.ts';
import type { CliCommand } from '../command.ts';
import { wholeNumber } from '../options.ts';

interface Options {
  readonly port: number;
  readonly host: string;
}

async function servedKey(folder: string): Promise<ServedKey> {
  const manifest = await readManifest(folder);
  await loadVerificationKey(folder, manifest);
  return {
    name: basename(folder),
    vkeyHash: manifest.setup!.vkeyHash,
    circuitDigest: manifest.digests.circuit,
    modelSha256: manifest.model.sha256,
  };
}

export const serveCommand: CliCommand<Options> = {
  name: 'serve',
  summary: 'HTTP API that verifies receipts: POST /v1/verify, GET /healthz',
  example:
    'zkonnx serve artifacts/credit-3f9ac210 --port 8080\ncurl -s localhost:8080/v1/verify -H "content-type: application/json" -d "{\\"receipt\\": $(cat receipt.json)}"',
  configure: (command) =>
    command
      .argument('[dirs...]', 'artifact folders whose keys you vouch for')
      .requiredOption('--port <n>', 'TCP port; 0 for any free one', wholeNumber(0, 65_535))
      .option('--host <address>', 'address to listen on', '127.0.0.1'),
  async run(session, [given], options) {
    const folders = (given ?? []) as readonly string[];
    const keys = await Promise.all(folders.map(servedKey));
    const server = createServer({ keys, version });
    let address: string;
    try {
      address = await server.listen({ port: options.port, host: options.host });
    } catch (cause) {
      const what = `cannot listen on ${options.host}:${options.port}: ${(cause as Error).message}`;
      throw new ZkonnxError('ZK1001', { what, hint: 'choose another --port' }, { cause });
    }
    session.result({ url: address, keys }, `listening on ${address}   ${keys.length} keys vouched for`);
    session.next(`curl -s ${address}/healthz`);
    const { signal } = session.runOptions;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await server.close();
    return 0;
  },
};
