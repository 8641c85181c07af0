/** Sizes of dimensions that a model leaves open: the batch, symbolic dimensions by name, or whole shapes of inputs. */
import { ZkonnxError } from '../errors.ts';
import type { Model, OnnxValueInfo } from '../onnx/model.ts';

export interface OpenSizes {
  /** Of every input's first dimension where that is open; 1 unless told. */
  readonly batch?: number | undefined;
  /** By symbolic name, as "H" in [N, 3, H, W]. */
  readonly dims?: Readonly<Record<string, number>> | undefined;
  /** Shapes of inputs, by name: for open dimensions that neither of the others says anything of. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | undefined;
}

type Dim = number | string | null;

function isOpen(dim: Dim | undefined): boolean {
  return !(typeof dim === 'number' && dim > 0);
}

/** The size of dimension i of `value`, or null where nobody says it. */
function sizeOf({ name, dims }: OnnxValueInfo, i: number, sizes: OpenSizes): number | null {
  const dim = dims![i]!;
  if (!isOpen(dim)) return dim as number;
  if (typeof dim === 'string' && sizes.dims !== undefined && Object.hasOwn(sizes.dims, dim)) return sizes.dims[dim]!;
  if (i === 0 && sizes.batch !== undefined) return sizes.batch;
  if (sizes.shapes !== undefined && Object.hasOwn(sizes.shapes, name) && i < sizes.shapes[name]!.length) return sizes.shapes[name]![i]!;
  return i === 0 && dims!.length > 1 ? 1 : null;
}

/** All dimensions fixed, or what is missing and what to do about it. */
export function fixedDims(value: OnnxValueInfo, sizes: OpenSizes): readonly number[] | { readonly why: string; readonly whatToDo: string } {
  const { dims } = value;
  const elsewhere = 'fix the shape: onnxruntime.tools.make_dynamic_shape_fixed, or export without dynamic axes (but the batch)';
  if (dims === null) return { why: 'its shape is unknown', whatToDo: elsewhere };
  const fixed: number[] = [];
  for (const [i, dim] of dims.entries()) {
    const size = sizeOf(value, i, sizes);
    if (size === null) {
      const option =
        typeof dim === 'string' ? `give its size with --dim ${dim}=N, or ` : i === 0 ? 'give its size with --batch N, or ' : '';
      return { why: `dimension ${i} (${dim ?? '?'}) is not fixed`, whatToDo: `${option}${elsewhere}` };
    }
    fixed.push(size);
  }
  return fixed;
}

/** The declared shape of a tensor in the middle of the model, as far as sizes say it; null where not. */
export function declaredSizes(value: OnnxValueInfo, sizes: OpenSizes): readonly number[] | null {
  const fixed = value.dims === null ? null : fixedDims(value, sizes);
  return Array.isArray(fixed) ? (fixed as readonly number[]) : null;
}

/** @throws ZkonnxError ZK1001 for a size that is no size, of a dimension that the model does not have, or of a batch that it fixes otherwise. */
export function checkSizes({ inputs }: Model, { batch, dims = {} }: OpenSizes): void {
  for (const [name, size] of [...Object.entries(dims), ...(batch === undefined ? [] : [['the batch', batch] as const])]) {
    if (!Number.isInteger(size) || size < 1 || size > 2 ** 26)
      throw new ZkonnxError('ZK1001', { what: `the size of ${name} is ${size}`, hint: 'give a whole number from 1 on' });
  }
  const symbols = [...new Set(inputs.flatMap((input) => (input.dims ?? []).filter((dim) => typeof dim === 'string')))];
  for (const name of Object.keys(dims)) {
    if (symbols.includes(name)) continue;
    const known = symbols.length === 0 ? 'no input has an open dimension with a name' : `its inputs have ${symbols.join(', ')}`;
    throw new ZkonnxError('ZK1001', {
      what: `no input of the model has a dimension "${name}"`,
      hint: `${known}; use one of these, or --batch`,
    });
  }
  if (batch === undefined || inputs.some((input) => isOpen(input.dims?.[0]))) return;
  const other = inputs.find((input) => input.dims?.[0] !== batch);
  if (other === undefined) return;
  throw new ZkonnxError('ZK1001', {
    what: `no input of the model has an open batch: "${other.name}" is [${other.dims!.join(', ')}]`,
    hint: 'leave the batch away, or export the model with a dynamic first dimension (dynamic_axes)',
  });
}
