import { parentPort, workerData } from 'node:worker_threads';
import { loadCurve } from '../src/kernels/curve.ts';
import { computeMultiples, type ThreadInput } from '../src/kernels/multiples.ts';

for (const message of computeMultiples(await loadCurve(), workerData as ThreadInput)) {
  parentPort?.postMessage(message, [message.points.buffer as ArrayBuffer]);
}
