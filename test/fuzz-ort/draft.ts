/** A quantized model under construction: what the families of generators share. */
import {
  type Attribute,
  bias,
  type ModelParts,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  scalar,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { type Random, Scales } from './random.ts';

/** A quantized activation: in QDQ form the float view `name`, in QOperator form the integers `name`. */
export interface Wire {
  readonly name: string;
  readonly dims: readonly number[];
  readonly q: Quantization;
}

export interface FuzzInput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly q: Quantization;
}

/** A model, and how its inputs are quantized. */
export interface FuzzCase {
  readonly parts: ModelParts;
  readonly inputs: readonly FuzzInput[];
  /** Largest step of an output, by name. */
  readonly steps: ReadonlyMap<string, number>;
}

export class Draft {
  readonly random: Random;
  readonly scales: Scales;
  /** Few elements: the circuit is built too. */
  readonly small: boolean;
  readonly #parts: Part[] = [];
  readonly #inputs: FuzzInput[] = [];
  #opset: number;
  #names = 0;

  constructor(random: Random, small: boolean) {
    this.random = random;
    this.small = small;
    this.scales = new Scales(random);
    this.#opset = random.int(13, 21);
  }

  get opset(): number {
    return this.#opset;
  }

  /** For an operator that is no older than opset `least`. */
  since(least: number): this {
    this.#opset = Math.max(this.#opset, least);
    return this;
  }

  name(stem: string): string {
    return `${stem}${this.#names++}`;
  }

  add(...parts: readonly Part[]): void {
    this.#parts.push(...parts);
  }

  /** A float graph input and its Q/DQ pair. */
  input(dims: readonly number[], q: Quantization): Wire {
    const name = this.name('x');
    this.#inputs.push({ name, dims, q });
    const pair = qdq(name, q);
    this.add(pair);
    return { name: pair.dq, dims, q };
  }

  /** A float graph input and its QuantizeLinear. */
  integers(dims: readonly number[], q: Quantization): Wire {
    const name = this.name('x');
    this.#inputs.push({ name, dims, q });
    const made = quantize(name, q);
    this.add(made);
    return { name: made.q, dims, q };
  }

  /** Names of the float scale and the zero point of `q`, as a QLinear operator wants them. */
  parameters(q: Quantization): readonly [scale: string, zeroPoint: string] {
    const name = this.name('p');
    this.add(part(parameters(name, q)));
    return [`${name}_scale`, `${name}_zero_point`];
  }

  /** `op` on float tensors, without a Q. */
  float(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, domain = ''): string {
    const y = this.name('y');
    this.add(part(node(op, inputs, [y], attributes, { domain })));
    return y;
  }

  /** The Q/DQ pair behind a float tensor. */
  pair(y: string, dims: readonly number[], q: Quantization): Wire {
    const made = qdq(y, q);
    this.add(made);
    return { name: made.dq, dims, q };
  }

  /** `op` between Q/DQ pairs. */
  op(
    op: string,
    inputs: readonly string[],
    dims: readonly number[],
    q: Quantization,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Wire {
    return this.pair(this.float(op, inputs, attributes), dims, q);
  }

  /** A QLinear operator of com.microsoft, or of the default domain. */
  qlinear(
    op: string,
    inputs: readonly string[],
    dims: readonly number[],
    q: Quantization,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Wire {
    const y = this.name('y');
    const domain = op === 'QLinearConv' || op === 'QLinearMatMul' ? '' : 'com.microsoft';
    this.add(part(node(op, inputs, [y], attributes, { domain })));
    return { name: y, dims, q };
  }

  /** A float32 initializer. */
  floats(dims: readonly number[], data: readonly number[]): string {
    const name = this.name('c');
    this.add(part([dims.length === 0 ? scalar(name, 'float32', data[0]!) : tensor(name, 'float32', dims, data)]));
    return name;
  }

  /** An int64 initializer. */
  ints(data: readonly number[], dims: readonly number[] = [data.length]): string {
    const name = this.name('i');
    this.add(part([tensor(name, 'int64', dims, data)]));
    return name;
  }

  /** An initializer of integers. */
  integerTensor(dtype: 'uint8' | 'int8' | 'int32' | 'bool', dims: readonly number[], data: readonly number[]): string {
    const name = this.name('t');
    this.add(part([tensor(name, dtype, dims, data)]));
    return name;
  }

  /** `op` on float tensors, with two outputs. */
  pairOf(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>): readonly [string, string] {
    const outputs = [this.name('y'), this.name('y')] as const;
    this.add(part(node(op, inputs, outputs, attributes)));
    return outputs;
  }

  /** Split of a float tensor into two. */
  split(x: string, axis: number, sizes: readonly [number, number]): readonly [string, string] {
    return this.pairOf('Split', [x, this.ints(sizes)], { axis });
  }

  /** Integers, scales and zero points of weights: int8, or uint8 where the activations are; per channel along `axis` or per tensor. */
  weightValues(dims: readonly number[], x: Quantization, axis: number) {
    const { random } = this;
    const dtype = x.dtype === 'uint8' && random.chance(0.3) ? 'uint8' : 'int8';
    const channels = dtype === 'int8' && random.chance(0.5) ? dims[axis]! : 1;
    const base = this.scales.near(0.01, 3);
    const scales = Array.from({ length: channels }, () => this.scales.near(base, 3));
    const zeroPoints = scales.map(() => (dtype === 'uint8' ? random.zeroPoint('uint8') : 0));
    const length = dims.reduce((a, b) => a * b, 1);
    const data = Array.from({ length }, () => random.integer(dtype, zeroPoints[0]!));
    return { dtype, scales, zeroPoints, data, channels } as const;
  }

  /** Weights behind a DequantizeLinear, and an int32 bias of theirs or none. */
  weights(dims: readonly number[], x: Quantization, axis: number, biasLength: number) {
    const w = this.weightValues(dims, x, axis);
    const name = this.name('w');
    const made = weights(name, dims, w.data, { scales: w.scales, zeroPoints: w.zeroPoints, dtype: w.dtype, axis });
    this.add(made);
    if (biasLength === 0) return { names: [made.dq], scales: w.scales };
    const b = bias(this.name('b'), this.biasValues(biasLength), x.scale, w.scales);
    this.add(b);
    return { names: [made.dq, b.dq], scales: w.scales };
  }

  biasValues(length: number): number[] {
    return Array.from({ length }, () => this.random.int(-20_000, 20_000));
  }

  /** Parameters of a result whose magnitude is about `amplitude`. */
  result(dtype: 'uint8' | 'int8', amplitude: number): Quantization {
    return this.scales.quantization(dtype, this.scales.near(amplitude / 128));
  }

  finish(outputs: readonly Wire[], integers = false): FuzzCase {
    return {
      parts: {
        parts: this.#parts,
        inputs: this.#inputs.map(({ name, dims }) => value(name, 'float32', dims)),
        outputs: outputs.map(({ name, q }) => value(name, integers ? q.dtype : 'float32', null)),
        opset: this.#opset,
        irVersion: 10,
      },
      inputs: this.#inputs,
      steps: new Map(outputs.map(({ name, q }) => [name, integers ? 1 : q.scale])),
    };
  }

  /** Outputs that are indices. */
  finishIndices(name: string): FuzzCase {
    const { parts, inputs } = this.finish([]);
    return { parts: { ...parts, outputs: [value(name, 'int64', null)] }, inputs, steps: new Map([[name, 1]]) };
  }
}

export function elements(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}

/** Makes one model of an op at random. */
export type Generator = (draft: Draft) => FuzzCase;
export type Family = Readonly<Record<string, Generator>>;
