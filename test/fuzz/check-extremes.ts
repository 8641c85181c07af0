/** Files at an extreme, read as the mutated ones are. */
import type { ModelParts } from '../support/onnx-builder.ts';
import { extremeFiles } from './extremes.ts';
import { FuzzFailure, readHostile } from './run.ts';
import { onnxTarget } from './targets.ts';

const rssAllowedBytes = 256 * 1024 * 1024;

export async function checkExtremes(parts: ModelParts, stride: number, start: number): Promise<number> {
  const before = process.memoryUsage.rss();
  let count = 0;
  for (const { what, bytes } of extremeFiles(parts, stride, start)) {
    try {
      await readHostile(onnxTarget, [bytes]);
    } catch (error) {
      throw new FuzzFailure(`${what}: ${(error as Error).message}`);
    }
    count++;
  }
  const grown = process.memoryUsage.rss() - before;
  if (grown > rssAllowedBytes) throw new FuzzFailure(`memory grew by ${Math.round(grown / 2 ** 20)} MiB`);
  return count;
}
