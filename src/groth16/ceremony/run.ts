/** Kernel tasks of set-ups and ceremonies, with progress. */
import type { RunOptions } from '../../events.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';

export async function runTasks(
  threads: KernelThreads,
  tasks: readonly KernelTask[],
  stage: string,
  note: string,
  options: RunOptions,
): Promise<void> {
  options.onEvent?.({ stage, done: 0, total: tasks.length, note });
  await threads.run(tasks, { signal: options.signal, onDone: (done) => options.onEvent?.({ stage, done, total: tasks.length, note }) });
}
