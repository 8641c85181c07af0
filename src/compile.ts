/**
 * The first verb: an ONNX file's bytes → everything that depends on the model alone: integer program, circuit, digests.
 * Deterministic: the same bytes and options give the same circuit on any machine.
 */
import { throwIfAborted } from './errors.ts';
import { driveSteps, type RunOptions } from './events.ts';
import { buildGraph } from './graph/build.ts';
import { type FloatGroup, floatGroups } from './graph/float-groups.ts';
import type { Profile } from './graph/profile.ts';
import type { OpenSizes } from './graph/sizes.ts';
import { decodeModel } from './onnx/decode.ts';
import type { ReadExternal } from './onnx/model.ts';
import { selectOutputs } from './onnx/select-outputs.ts';
import { programSteps } from './program/build.ts';
import type { Program } from './program/program.ts';
import { circuitSteps } from './r1cs/build.ts';
import type { Circuit } from './r1cs/circuit.ts';
import { circuitDigest, circuitTag, layoutDigest } from './r1cs/digests.ts';
import { r1csDigestSteps } from './r1cs/format.ts';
import { makeLayout, type Visibility } from './r1cs/layout.ts';
import { type SelfCheck, selfCheckSteps } from './self-check.ts';

export interface CompileOptions extends RunOptions, OpenSizes {
  /** What people call the model; in no digest. Defaults to the graph's own name. */
  readonly name?: string | undefined;
  /** False leaves the audit out of what compiling checks of the circuit (`self-check.ts`). */
  readonly audit?: boolean | undefined;
  /** Visibility by input or output name; inputs default to hashed, outputs to public. */
  readonly visibility?: Readonly<Record<string, Visibility>> | undefined;
  /** Whose arithmetic is proven; in the layout digest. Defaults to `ort-fused`. */
  readonly profile?: Profile | undefined;
  /** Reads the tensors that the model keeps in other files; without it such a model is refused. */
  readonly external?: ReadExternal | undefined;
  /** Which integers the float32 inputs of an integer network (RequantShift) hold; uint8 unless told. The range is proven, and stands in the layout. */
  readonly inputTypes?: Readonly<Record<string, 'uint8' | 'int8'>> | undefined;
  /** Tensors to prove instead of the model's own outputs, by ONNX name, e.g. the logits before a LogSoftmax; what follows them is left out. They stand in the layout. */
  readonly outputs?: readonly string[] | undefined;
}

/** Lower-case hex SHA-256 digests of docs/signals.md. */
export interface Digests {
  readonly model: string;
  readonly layout: string;
  readonly r1cs: string;
  readonly circuit: string;
}

export interface CompiledModel {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly program: Program;
  readonly circuit: Circuit;
  readonly digests: Digests;
  /** What compiling checked of the circuit; null where the circuit was rebuilt, not compiled. */
  readonly check: SelfCheck | null;
}

/** What is proven, before it is a circuit: enough to run the network. */
export interface CompiledProgram {
  readonly model: { readonly name: string; readonly sha256: string };
  readonly program: Program;
  /** What ONNX Runtime's default session computes in floats and the proof does not: last bits near rounding ties may differ. */
  readonly floatGroups: readonly FloatGroup[];
}

/** Announces a stage and lets the event loop run once, so that an abort is heard between stages that compute in one go. */
async function enter(stage: string, options: RunOptions): Promise<void> {
  options.onEvent?.({ stage, done: 0, total: 0 });
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  throwIfAborted(options.signal, stage);
}

/**
 * The first half of `compile`: an ONNX file's bytes → the integer program.
 * @throws ZkonnxError ZK20xx (unreadable file), ZK3001 (all nodes that cannot be proven, in `details`), ZK3002 (overflow), ZK1001 (sizes of dimensions that the model
 * has not open), ZK1005 (an output that no node makes).
 */
export async function compileProgram(bytes: Uint8Array, options: Omit<CompileOptions, 'visibility'> = {}): Promise<CompiledProgram> {
  await enter('read', options);
  const decoded = decodeModel(bytes, { fileName: options.name, external: options.external });
  const model = options.outputs === undefined ? decoded : selectOutputs(decoded, options.outputs);
  const name = options.name ?? model.graphName;
  await enter('graph', options);
  const graph = buildGraph(model, { ...options, name });
  await enter('program', options);
  const program = await driveSteps('program', programSteps(graph), options);
  return { model: { name, sha256: model.sha256 }, program, floatGroups: floatGroups(model) };
}

/**
 * @throws ZkonnxError ZK20xx (unreadable file), ZK3001 (all nodes that cannot be proven, in `details`), ZK3002 (overflow), ZK1004/ZK1005 (visibility).
 */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<CompiledModel> {
  return compileCircuit(await compileProgram(bytes, options), options);
}

/** The second half of `compile`. @throws ZkonnxError ZK1004/ZK1005 (visibility). */
export async function compileCircuit({ program, model }: CompiledProgram, options: CompileOptions = {}): Promise<CompiledModel> {
  const compiled = await assembleCircuit(program, model, options);
  await enter('self-check', options);
  const check = await driveSteps('self-check', selfCheckSteps(compiled, { audit: options.audit ?? true }), options);
  return { ...compiled, check };
}

/** From an integer program (just built, or read from an artifact folder) to the compiled model. */
export async function assembleCircuit(
  program: Program,
  model: { readonly name: string; readonly sha256: string },
  options: CompileOptions = {},
): Promise<CompiledModel> {
  const layout = makeLayout(program, { visibility: options.visibility });
  const layoutHash = layoutDigest(layout);
  await enter('circuit', options);
  const circuit = await driveSteps('circuit', circuitSteps(program, layout, circuitTag(model.sha256, layoutHash), options), options);
  await enter('digest', options);
  const r1cs = await driveSteps('digest', r1csDigestSteps(circuit.r1cs), options);
  return {
    model,
    program,
    circuit,
    digests: { model: model.sha256, layout: layoutHash, r1cs, circuit: circuitDigest(r1cs, layoutHash) },
    check: null,
  };
}
