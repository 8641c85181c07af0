/**
 * One ONNX node as its op's file sees it, and what an op's file declares. Attributes and inputs are read through typed
 * readers that refuse what is of another kind.
 */
import type { OnnxAttribute, OnnxNode } from '../onnx/model.ts';
import type { Draft } from './draft.ts';
import type { Meaning } from './meaning.ts';
import { refuse } from './report.ts';

export interface Call {
  readonly draft: Draft;
  readonly node: OnnxNode;
  /** Version of the node's domain that the model imports. */
  readonly opset: number;
  /** Meanings of the inputs; null where an optional one is absent. */
  readonly inputs: readonly (Meaning | null)[];
}

/** How a file can hold an operator: between Q/DQ pairs, as an operator on integers with parameters of its own, or on integers as they are. */
export type OpForm = 'QDQ' | 'QOperator' | 'integer';

/** What docs/operators.md says of an operator: its chapter's facts, and its own where they differ. */
export interface OpFacts {
  readonly forms: readonly OpForm[];
  /**
   * Constraints of a node as a formula in the symbols of docs/operators.md, remarks after a semicolon. test/report/operator-costs.test.ts holds it to counted
   * constraints, of the case that test/support/operator-cases.ts has for the operator.
   */
  readonly constraints: string;
  /** 'exact', or the profile's formula with the largest deviation from the runtime that was measured. */
  readonly exactness: string;
}

/** One ONNX operator: what it is, its shape inference, and how it becomes part of the integer graph. */
export interface Op {
  readonly op: string;
  readonly domain: '' | 'com.microsoft' | 'PACTOps';
  /** First and last version of the domain's operator set whose meaning this file knows. */
  readonly opsets: readonly [number, number];
  /** Attributes that are read, or that change nothing; any other is refused. */
  readonly attributes: readonly string[];
  /** What is refused of the operator, besides what the attributes tell; for docs/operators.md. */
  readonly limits?: string;
  /** Where they differ from its chapter's (graph/ops.ts). */
  readonly facts?: Partial<OpFacts>;
  /** Least and most inputs. */
  readonly inputs: readonly [number, number];
  /** Shape of the first output. Called only where the shapes it needs are known. */
  readonly shape: (call: Call) => readonly number[];
  /** What the outputs mean; refuses what cannot be proven. */
  readonly translate: (call: Call, dims: readonly number[]) => Meaning;
  /** Meanings of the outputs from the second on, of an op whose further outputs may be used. */
  readonly translateRest?: (call: Call) => readonly Meaning[];
}

/** The newest version of the default domain that was read through for changes of meaning. */
export const newestOpset = 25;

/** Every tensor shape that reaches an op is known; a lost one without shape stops the op before it is asked. */
export function dimsOf(call: Call, i: number): readonly number[] {
  return input(call, i).dims ?? refuse(`the shape of input ${i} is unknown`, 'fix what stands before it');
}

export function input(call: Call, i: number): Meaning {
  return call.inputs[i] ?? refuse(`input ${i} is missing`, 'export the model again; onnx.checker says what is wrong');
}

export function hasInput(call: Call, i: number): boolean {
  return (call.inputs[i] ?? null) !== null;
}

export function inputName(call: Call, i: number): string {
  return call.node.inputs[i] ?? '';
}

export function outputName(call: Call, i = 0): string {
  return call.node.outputs[i]!;
}

/** The layer that graph nodes made for this call belong to. */
export function layer(call: Call): { readonly name: string; readonly op: string } {
  return { name: call.node.name, op: call.node.op };
}

function attribute<K extends OnnxAttribute['kind']>(call: Call, name: string, kind: K): Extract<OnnxAttribute, { kind: K }> | null {
  const found = call.node.attributes.get(name);
  if (found === undefined) return null;
  if (found.kind !== kind) {
    refuse(`attribute "${name}" is of kind ${found.kind}, not ${kind}`, 'export the model again; onnx.checker says what is wrong');
  }
  return found as Extract<OnnxAttribute, { kind: K }>;
}

export function intAttribute<D>(call: Call, name: string, byDefault: D): number | D {
  return attribute(call, name, 'int')?.value ?? byDefault;
}

export function flagAttribute(call: Call, name: string, byDefault: boolean): boolean {
  const value = intAttribute(call, name, byDefault ? 1 : 0);
  if (value !== 0 && value !== 1) refuse(`attribute "${name}" is ${value}, not 0 or 1`, 'export the model again');
  return value === 1;
}

export function floatAttribute<D>(call: Call, name: string, byDefault: D): number | D {
  return attribute(call, name, 'float')?.value ?? byDefault;
}

export function stringAttribute(call: Call, name: string, byDefault: string): string {
  return attribute(call, name, 'string')?.value ?? byDefault;
}

export function floatsAttribute<D>(call: Call, name: string, byDefault: D): readonly number[] | D {
  return attribute(call, name, 'floats')?.value ?? byDefault;
}

export function intsAttribute<D>(call: Call, name: string, byDefault: D): readonly number[] | D {
  return attribute(call, name, 'ints')?.value ?? byDefault;
}

/** `axis` counted from 0, for a tensor of that rank. */
export function normalizeAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank) refuse(`axis ${axis} of a tensor of rank ${rank}`, 'export the model again');
  return normal;
}

/** Elements of a constant integer input (shapes, axes). */
export function constantInts(call: Call, i: number): number[] {
  return constantLimits(call, i).map((n) =>
    Number.isSafeInteger(n) ? n : refuse(`its input "${inputName(call, i)}" holds ${n}`, 'export the model again'),
  );
}

/** The same where INT64_MAX and the like stand for "to the end": beyond 2^53 the nearest double. */
export function constantLimits(call: Call, i: number): number[] {
  const meaning = input(call, i);
  if (meaning.kind !== 'constant') {
    return refuse(
      `its input "${inputName(call, i)}" is computed while the model runs`,
      'export with fixed shapes, and fold constants (onnxruntime.quantization.preprocess or onnxsim)',
    );
  }
  const { dtype, data } = meaning.tensor;
  if (dtype !== 'int64' && dtype !== 'int32') refuse(`its input "${inputName(call, i)}" is ${dtype}, not int64`, 'export the model again');
  return Array.from(data as ArrayLike<number | bigint>, Number);
}
