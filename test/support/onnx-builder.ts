/**
 * Builds small ONNX files for tests, through onnx-proto's encoder: nodes, tensors, and the usual Q/DQ pieces.
 *
 *   const x = qdq('x', { scale: 0.1, zeroPoint: 3, dtype: 'uint8' });              // x -> x_q -> x_dq
 *   const w = weights('w', [4, 2], data, { scales: [0.02], dtype: 'int8' });       // w_dq
 *   const y = qdq('y', { scale: 0.2, zeroPoint: 0, dtype: 'uint8' });
 *   model({ parts: [x, w, part(node('MatMul', [x.dq, w.dq], ['y'])), y],
 *           inputs: [value('x', 'float32', [1, 4])], outputs: [value(y.dq, 'float32', [1, 2])] })   // Uint8Array
 *
 * Parts are written in the order given, which must be topological.
 */
import onnxProto from 'onnx-proto';
import { type DType, onnxDTypeNumber } from '../../src/tensor/tensor.ts';

const { onnx } = onnxProto;

export type NodeProto = onnxProto.onnx.INodeProto;
export type TensorProto = onnxProto.onnx.ITensorProto;
export type ValueInfoProto = onnxProto.onnx.IValueInfoProto;

/** A piece of a graph: nodes and the initializers they need. */
export interface Part {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

/** An attribute: integers become INT(S), strings STRING(S); floats must say so: `{ float: 1 }`, `{ floats: [1, 2] }`. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: TensorProto };

const { AttributeType } = onnx.AttributeProto;

function attribute(name: string, value: Attribute): onnxProto.onnx.IAttributeProto {
  const utf8 = new TextEncoder();
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: utf8.encode(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('floats' in value) return { name, type: AttributeType.FLOATS, floats: [...value.floats] };
  if ('tensor' in value) return { name, type: AttributeType.TENSOR, t: value.tensor };
  if (value.length > 0 && typeof value[0] === 'string') {
    return { name, type: AttributeType.STRINGS, strings: value.map((s) => utf8.encode(String(s))) };
  }
  return { name, type: AttributeType.INTS, ints: value.map(Number) };
}

export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  options: { readonly domain?: string; readonly name?: string } = {},
): NodeProto {
  return {
    opType: op,
    name: options.name ?? `${op}:${outputs[0]}`,
    domain: options.domain ?? '',
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}

const elementBytes: Partial<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  uint8: 1,
  int8: 1,
  bool: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
};

/** A TensorProto; `typed` writes float_data/int32_data/int64_data instead of raw_data. float16 takes raw bits. */
export function tensor(
  name: string,
  dtype: DType,
  dims: readonly number[],
  data: ArrayLike<number | bigint>,
  options: { readonly typed?: boolean } = {},
): TensorProto {
  const head = { name, dataType: onnxDTypeNumber[dtype], dims: [...dims] };
  const values = Array.from(data);
  if (options.typed === true) {
    if (dtype === 'float32') return { ...head, floatData: values.map(Number) };
    if (dtype === 'float64') return { ...head, doubleData: values.map(Number) };
    if (dtype === 'int64') return { ...head, int64Data: values.map(Number) };
    if (dtype === 'uint32' || dtype === 'uint64') return { ...head, uint64Data: values.map(Number) };
    return { ...head, int32Data: values.map(Number) };
  }
  const size = elementBytes[dtype] ?? 0;
  const raw = new Uint8Array(values.length * size);
  const view = new DataView(raw.buffer);
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    const at = i * size;
    if (dtype === 'float32') view.setFloat32(at, Number(v), true);
    else if (dtype === 'float64') view.setFloat64(at, Number(v), true);
    else if (size === 8) view.setBigInt64(at, BigInt.asIntN(64, BigInt(v)), true);
    else if (size === 4) view.setInt32(at, Number(v) | 0, true);
    else if (size === 2) view.setInt16(at, Number(v), true);
    else view.setInt8(at, Number(v));
  }
  return { ...head, rawData: raw };
}

export function scalar(name: string, dtype: DType, value: number | bigint): TensorProto {
  return tensor(name, dtype, [], [value]);
}

/** A graph input, output or value_info; a string dimension is symbolic, null a shape that is not declared. */
export function value(name: string, dtype: DType, dims: readonly (number | string)[] | null): ValueInfoProto {
  if (dims === null) return { name, type: { tensorType: { elemType: onnxDTypeNumber[dtype] } } };
  const shape = { dim: dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })) };
  return { name, type: { tensorType: { elemType: onnxDTypeNumber[dtype], shape } } };
}

export function part(...items: readonly (NodeProto | readonly TensorProto[])[]): Part {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  for (const item of items) {
    if (Array.isArray(item)) initializers.push(...(item as readonly TensorProto[]));
    else nodes.push(item as NodeProto);
  }
  return { nodes, initializers };
}

export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly dtype: 'uint8' | 'int8';
}

/** Initializers `<name>_scale` and `<name>_zero_point`. */
export function parameters(name: string, q: Quantization): TensorProto[] {
  return [scalar(`${name}_scale`, 'float32', q.scale), scalar(`${name}_zero_point`, q.dtype, q.zeroPoint)];
}

/** QuantizeLinear of `name` into `<name>_q`. */
export function quantize(name: string, q: Quantization): Part & { readonly q: string } {
  const out = `${name}_q`;
  return { ...part(node('QuantizeLinear', [name, `${name}_scale`, `${name}_zero_point`], [out]), parameters(name, q)), q: out };
}

/** DequantizeLinear of `quantized` into `out`, with its own parameters. */
export function dequantize(quantized: string, out: string, q: Quantization): Part & { readonly dq: string } {
  return { ...part(node('DequantizeLinear', [quantized, `${out}_scale`, `${out}_zero_point`], [out]), parameters(out, q)), dq: out };
}

/** The usual pair: `name` → `<name>_q` → `dq` (default `<name>_dq`), sharing their parameters. */
export function qdq(name: string, q: Quantization, dq = `${name}_dq`): Part & { readonly q: string; readonly dq: string } {
  const out = `${name}_q`;
  return {
    ...part(
      node('QuantizeLinear', [name, `${name}_scale`, `${name}_zero_point`], [out]),
      node('DequantizeLinear', [out, `${name}_scale`, `${name}_zero_point`], [dq]),
      parameters(name, q),
    ),
    q: out,
    dq,
  };
}

/** Quantized constant `<name>_q` and its DequantizeLinear `<name>_dq`; several scales are per channel along `axis`. */
export function weights(
  name: string,
  dims: readonly number[],
  data: ArrayLike<number>,
  q: {
    readonly scales: readonly number[];
    readonly zeroPoints?: readonly number[];
    readonly dtype: 'uint8' | 'int8' | 'int32';
    readonly axis?: number;
  },
): Part & { readonly q: string; readonly dq: string } {
  const channels = q.scales.length;
  const shape = channels === 1 ? [] : [channels];
  const zeroPoints = q.zeroPoints ?? new Array<number>(channels).fill(0);
  const attributes = channels === 1 ? {} : { axis: q.axis ?? 0 };
  return {
    ...part(node('DequantizeLinear', [`${name}_q`, `${name}_scale`, `${name}_zero_point`], [`${name}_dq`], attributes), [
      tensor(`${name}_q`, q.dtype, dims, data),
      tensor(`${name}_scale`, 'float32', shape, q.scales),
      tensor(`${name}_zero_point`, q.dtype, shape, zeroPoints),
    ]),
    q: `${name}_q`,
    dq: `${name}_dq`,
  };
}

/** An int32 bias `<name>_q` with scales fl(xScale·wScale[c]), as quantize_static writes it. */
export function bias(name: string, data: ArrayLike<number>, xScale: number, wScales: readonly number[]) {
  const scales = wScales.map((w) => Math.fround(Math.fround(xScale) * Math.fround(w)));
  return weights(name, [data.length], data, { scales, dtype: 'int32' });
}

export interface ModelParts {
  readonly parts?: readonly Part[];
  readonly nodes?: readonly NodeProto[];
  readonly initializers?: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly valueInfos?: readonly ValueInfoProto[];
  /** Version of the default domain; 17 unless told. */
  readonly opset?: number;
  /** Other domains; com.microsoft 1 unless told. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
}

/** The message before encoding, for tests that damage it first. */
export function modelProto(m: ModelParts): onnxProto.onnx.IModelProto {
  const parts = m.parts ?? [];
  return {
    irVersion: m.irVersion ?? 8,
    producerName: 'zkonnx-test',
    opsetImport: [
      { domain: '', version: m.opset ?? 17 },
      ...Object.entries(m.domains ?? { 'com.microsoft': 1 }).map(([domain, version]) => ({ domain, version })),
    ],
    graph: {
      name: 'test',
      node: [...parts.flatMap((p) => p.nodes), ...(m.nodes ?? [])],
      initializer: [...parts.flatMap((p) => p.initializers), ...(m.initializers ?? [])],
      input: [...m.inputs],
      output: [...m.outputs],
      valueInfo: [...(m.valueInfos ?? [])],
    },
  };
}

/** The bytes of an ONNX file. */
export function model(m: ModelParts): Uint8Array {
  return new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.fromObject(modelProto(m))).finish());
}
