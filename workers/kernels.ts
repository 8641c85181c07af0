import { parentPort, workerData } from 'node:worker_threads';
import { type KernelTask, makeRunner, runTask } from '../src/kernels/tasks.ts';
import type { KernelWorkerData } from '../src/kernels/threads.ts';

const { module, memory, start } = workerData as KernelWorkerData;
const runner = makeRunner(module, memory, start);
parentPort?.on('message', (task: KernelTask) => {
  // Another thread may have grown the memory: without this, views of it here may still end where it did before.
  memory.grow(0);
  runTask(runner, task);
  parentPort?.postMessage(null);
});
