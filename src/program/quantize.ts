/**
 * The model's boundary: users' tensors ↔ the program's integers. Float inputs go through the model's own QuantizeLinear, float outputs through its
 * DequantizeLinear (docs/onnx-semantics.md, docs/signals.md "Boundary"). No value changes on the way in unless the caller says `cast`.
 */
import { ZkonnxError } from '../errors.ts';
import type { QDType } from '../graph/graph.ts';
import { elementCount, type Tensor } from '../tensor/tensor.ts';
import { dtypeRange } from './draft.ts';
import type { Program, ProgramBoundary, ProgramTensor } from './program.ts';
import { quantize } from './steps/rule.ts';

const fl = Math.fround;

export interface CastOptions {
  /** Allows conversions that change values: float64 → float32 rounds, floats → integers cut off. */
  readonly cast?: boolean | undefined;
}

/**
 * Raw integers of one input. A conversion that changes no value (int64 → uint8 in range, float16 → float32) is always allowed.
 * @throws ZkonnxError ZK1005 (no such input), ZK4102 (value outside the type), ZK4103 (shape), ZK4104 (lossy dtype), ZK4105 (NaN)
 */
export function quantizeInput(program: Program, name: string, tensor: Tensor, { cast = false }: CastOptions = {}): Int32Array {
  const { dims, modelDType, tensor: id } = boundaryNamed(program.inputs, 'input', name);
  if (
    tensor.dims.length !== dims.length ||
    tensor.dims.some((dim, axis) => dim !== dims[axis]) ||
    tensor.data.length !== elementCount(dims)
  ) {
    throw new ZkonnxError('ZK4103', { tensor: name, given: tensor.dims.join(', '), wanted: dims.join(', ') });
  }
  const target = program.tensors[id];
  const lossy = () => new ZkonnxError('ZK4104', { tensor: name, given: tensor.dtype, wanted: modelDType });
  if (modelDType === 'float32') {
    const { scale, zeroPoint, dtype } = target;
    if (scale === null || zeroPoint === null || dtype === 'accumulator') {
      throw new ZkonnxError('ZK7001', { what: `float input "${name}" has no scale` });
    }
    const { min, max } = dtypeRange(dtype);
    return mapNumbers(tensor, (value, index) => {
      if (Number.isNaN(value)) throw new ZkonnxError('ZK4105', { tensor: name, index });
      const x = fl(value);
      if (x !== value && !cast) throw lossy();
      return quantize(x, scale, zeroPoint, min, max);
    });
  }
  const { min, max } = dtypeRange(modelDType);
  return mapNumbers(tensor, (value, index) => {
    if (Number.isNaN(value)) throw new ZkonnxError('ZK4105', { tensor: name, index });
    const integer = Math.trunc(value);
    if (integer !== value && !cast) throw lossy();
    if (integer < min || integer > max) {
      throw new ZkonnxError('ZK4102', {
        tensor: name,
        index,
        side: integer < min ? 'below' : 'above',
        dtype: modelDType,
        low: min,
        high: max,
      });
    }
    return integer;
  });
}

/** One output as the model returns it: float32 `fl((q − zp)·s)`, int64 for indices, else its own integers. */
export function dequantizeOutput(program: Program, name: string, values: Int32Array): Tensor {
  const { dims, modelDType, tensor: id } = boundaryNamed(program.outputs, 'output', name);
  if (modelDType !== 'float32') return { dtype: modelDType, dims, data: integerData(modelDType, values) };
  const { scale, zeroPoint } = program.tensors[id];
  if (scale === null || zeroPoint === null) throw new ZkonnxError('ZK7001', { what: `float output "${name}" has no scale` });
  return { dtype: 'float32', dims, data: Float32Array.from(values, (q) => fl(fl(q - zeroPoint) * scale)) };
}

/** Any tensor of the program as integers of its own dtype; accumulators are int32. */
export function integerTensor({ dtype, dims }: ProgramTensor, values: Int32Array): Tensor {
  const type = dtype === 'accumulator' ? 'int32' : dtype;
  return { dtype: type, dims, data: integerData(type, values) };
}

function integerData(dtype: QDType, values: Int32Array): Uint8Array | Int8Array | Int32Array | BigInt64Array {
  switch (dtype) {
    case 'uint8':
      return Uint8Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    case 'int32':
      return values;
    case 'int64':
      return BigInt64Array.from(values, BigInt);
  }
}

function boundaryNamed(boundaries: readonly ProgramBoundary[], role: string, name: string): ProgramBoundary {
  const found = boundaries.find((boundary) => boundary.name === name);
  if (found === undefined)
    throw new ZkonnxError('ZK1005', { role, tensor: name, known: boundaries.map((boundary) => boundary.name).join(', ') });
  return found;
}

/** Every element as a double; 64-bit integers beyond 2^53 lose low bits only where they are out of every range anyway. */
function mapNumbers(tensor: Tensor, f: (value: number, index: number) => number): Int32Array {
  const integers = new Int32Array(tensor.data.length);
  for (let i = 0; i < integers.length; i++) integers[i] = f(numberAt(tensor, i), i);
  return integers;
}

/** One element as a double, of any dtype. */
export function numberAt({ dtype, data }: Tensor, index: number): number {
  const value = Number(data[index]);
  return dtype === 'float16' ? float16Value(value) : value;
}

/** IEEE binary16 bits → the number. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return (sign * fraction) / 16777216;
  // (1024 + fraction)·2^(exponent − 25), by a shift that stays below 2^31.
  return exponent >= 25 ? sign * (1024 + fraction) * (1 << (exponent - 25)) : (sign * (1024 + fraction)) / (1 << (25 - exponent));
}
