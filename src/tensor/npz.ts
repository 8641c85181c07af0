/** NumPy's .npz: a zip of .npy files, one per name. Pure, bounded and browser-safe; the container is in `zip.ts`. */
import { ZkonnxError } from '../errors.ts';
import { readNpy, writeNpy } from './npy.ts';
import type { Tensor } from './tensor.ts';
import { readZip, writeZip } from './zip.ts';

/** What a file may unpack to: 1 GiB is several hundred thousand images of a small network; a bomb claims more. */
const limits = { entryCount: 4096, totalBytes: 1024 * 1024 * 1024 };

/**
 * The arrays by name (without ".npy"), in the file's order; `numpy.savez` and `savez_compressed` alike.
 * @param file what messages call the bytes
 * @throws ZkonnxError ZK4106
 */
export function readNpz(bytes: Uint8Array, file = '.npz file'): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [entry, content] of readZip(bytes, limits, file)) {
    if (!entry.endsWith('.npy')) throw new ZkonnxError('ZK4106', { file, what: `holds "${entry}", which is no .npy array` });
    tensors.set(entry.slice(0, -'.npy'.length), readNpy(content, `${file} (${entry})`));
  }
  return tensors;
}

/** The arrays as one .npz that numpy reads, uncompressed; the same arrays in the same order give the same bytes. */
export function writeNpz(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  return writeZip(new Map([...tensors].map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)])));
}
