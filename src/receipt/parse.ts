/**
 * Foreign data → Receipt, strictly: the exact fields of version 1, sizes bounded before anything is made of them, canonical numbers, a layout that is
 * consistent in itself. What it returns is a fresh copy, and `receiptSignals` cannot fail on it. Digests and the proof are judged by `../verify.ts`.
 */
import { scalarOrder } from '../field/bn254.ts';
import { profiles } from '../graph/profile.ts';
import { type G1Json, type G2Json, type Proof, setupKinds, type VerificationKey } from '../groth16/keys.ts';
import { type Layout, type LayoutTensor, maxSignalCount, signalCountOf, visibilities } from '../r1cs/layout.ts';
import { elementRange, maxContextBytes } from '../r1cs/signals.ts';
import type { Receipt, ReceiptContext, ReceiptTensor, Unproven } from './receipt.ts';
import { anyJson, decimal, entriesOf, fields, hex64, hex128, integer, list, matching, oneOf, refuse, text } from './strict.ts';
import { printable } from './text.ts';

const dtypes = ['uint8', 'int8', 'int32', 'int64'] as const;
const maxTensors = 256;
const maxElements = 2 ** 31 - 1;

function g1(value: unknown, where: string): G1Json {
  return list(value, where, { exact: 3 }, decimal) as unknown as G1Json;
}

function g2(value: unknown, where: string): G2Json {
  return list(value, where, { exact: 3 }, (pair, path) => list(pair, path, { exact: 2 }, decimal)) as unknown as G2Json;
}

/** A verification key in snarkjs' form; e(α, β), which snarkjs adds, is passed over where `alphabeta` says so, for nothing reads it. */
export function parseVerificationKey(value: unknown, where: string, alphabeta: 'allowed' | 'refused'): VerificationKey {
  const key = fields(
    value,
    where,
    ['protocol', 'curve', 'nPublic', 'vk_alpha_1', 'vk_beta_2', 'vk_gamma_2', 'vk_delta_2', 'IC'],
    alphabeta === 'allowed' ? ['vk_alphabeta_12'] : [],
  );
  const nPublic = integer(key.nPublic, `${where}.nPublic`, 1, maxSignalCount);
  return {
    protocol: oneOf(key.protocol, `${where}.protocol`, ['groth16']),
    curve: oneOf(key.curve, `${where}.curve`, ['bn128']),
    nPublic,
    vk_alpha_1: g1(key.vk_alpha_1, `${where}.vk_alpha_1`),
    vk_beta_2: g2(key.vk_beta_2, `${where}.vk_beta_2`),
    vk_gamma_2: g2(key.vk_gamma_2, `${where}.vk_gamma_2`),
    vk_delta_2: g2(key.vk_delta_2, `${where}.vk_delta_2`),
    IC: list(key.IC, `${where}.IC`, { exact: nPublic + 1 }, g1),
  };
}

function parseProof(value: unknown, where: string): Proof {
  const proof = fields(value, where, ['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve']);
  return {
    pi_a: g1(proof.pi_a, `${where}.pi_a`),
    pi_b: g2(proof.pi_b, `${where}.pi_b`),
    pi_c: g1(proof.pi_c, `${where}.pi_c`),
    protocol: oneOf(proof.protocol, `${where}.protocol`, ['groth16']),
    curve: oneOf(proof.curve, `${where}.curve`, ['bn128']),
  };
}

function parseScale(value: unknown, where: string): number | null {
  if (value === null) return null;
  if (typeof value !== 'number' || !(value > 0 && value < Infinity) || Math.fround(value) !== value) refuse(where, 'is no float32 above 0');
  return value as number;
}

function parseOption(value: unknown, where: string): string | number | boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : refuse(where, 'is no number that JSON holds');
  return text(value, where);
}

const tensorFields = [
  'name',
  'role',
  'dtype',
  'modelDType',
  'dims',
  'elementCount',
  'scale',
  'zeroPoint',
  'visibility',
  'firstSignal',
  'signalCount',
] as const;

/** One tensor of the layout; `next` is the first signal not yet taken, and what is derived must be what the rest comes to. */
function parseLayoutTensor(value: unknown, where: string, role: LayoutTensor['role'], next: number): LayoutTensor {
  const given = fields(value, where, tensorFields);
  const dtype = oneOf(given.dtype, `${where}.dtype`, dtypes);
  const visibility = oneOf(given.visibility, `${where}.visibility`, visibilities);
  const scale = parseScale(given.scale, `${where}.scale`);
  const { low, high } = elementRange(dtype);
  const zeroPoint = given.zeroPoint === null ? null : integer(given.zeroPoint, `${where}.zeroPoint`, low, high);
  if ((scale === null) !== (zeroPoint === null)) refuse(where, 'has a scale without a zero point, or the reverse');
  const modelDType = oneOf(given.modelDType, `${where}.modelDType`, ['float32', dtype]);
  if (modelDType === 'float32' && scale === null) refuse(where, 'is float32 in the model but has no scale');
  const dims = list(given.dims, `${where}.dims`, { limit: 16 }, (dim, path) => integer(dim, path, 0, maxElements));
  const count = dims.reduce((product, dim) => Math.min(product * dim, maxElements + 1), 1);
  if (count > maxElements) refuse(`${where}.dims`, 'holds more than 2^31 − 1 elements');
  const signalCount = signalCountOf(dtype, count, visibility);
  const derived = { elementCount: count, signalCount, firstSignal: signalCount === 0 ? 0 : next, role } as const;
  for (const [key, expected] of Object.entries(derived)) {
    if (given[key as keyof typeof derived] !== expected) refuse(`${where}.${key}`, `is not ${expected}, as the rest of the layout says`);
  }
  const name = text(given.name, `${where}.name`);
  return {
    name,
    role,
    dtype,
    modelDType,
    dims,
    elementCount: count,
    scale,
    zeroPoint,
    visibility,
    firstSignal: derived.firstSignal,
    signalCount,
  };
}

function parseLayout(value: unknown, where: string): Layout {
  const given = fields(value, where, ['version', 'profile', 'options', 'signalCount', 'outputs', 'inputs']);
  integer(given.version, `${where}.version`, 1, 1);
  let next = 1;
  const tensors = (value: unknown, path: string, role: LayoutTensor['role']): LayoutTensor[] => {
    const names = new Set<string>();
    return list(value, path, { limit: maxTensors }, (item, itemPath) => {
      const tensor = parseLayoutTensor(item, itemPath, role, next);
      next += tensor.signalCount;
      if (next > maxSignalCount) refuse(itemPath, `goes past ${maxSignalCount} signals`);
      if (names.has(tensor.name)) refuse(itemPath, `has the name of another ${role}: "${printable(tensor.name)}"`);
      names.add(tensor.name);
      return tensor;
    });
  };
  const outputs = tensors(given.outputs, `${where}.outputs`, 'output');
  const inputs = tensors(given.inputs, `${where}.inputs`, 'input');
  if (given.signalCount !== next) refuse(`${where}.signalCount`, `is not ${next}, as the tensors say`);
  const options = entriesOf(given.options, `${where}.options`, 64).map(([key, option]) => [
    key,
    parseOption(option, `${where}.options.${key}`),
  ]);
  return {
    version: 1,
    profile: oneOf(given.profile, `${where}.profile`, profiles),
    options: Object.fromEntries(options),
    signalCount: next,
    outputs,
    inputs,
  };
}

function parseContext(value: unknown, where: string): ReceiptContext | null {
  if (value === null) return null;
  const { text: words, hex } = fields(value, where, [], ['text', 'hex']);
  if (words !== undefined && hex === undefined) {
    const given = text(words, `${where}.text`, maxContextBytes);
    if (given === '' || /^0x/i.test(given)) refuse(`${where}.text`, 'is no text that a context can be given as');
    if (new TextEncoder().encode(given).length > maxContextBytes) refuse(`${where}.text`, `is longer than ${maxContextBytes} bytes`);
    return { text: given };
  }
  if (hex === undefined || words !== undefined) refuse(where, 'needs one of text and hex');
  const given = matching(hex, `${where}.hex`, /^0x(?:[0-9a-f]{2})+$/, '0x and pairs of lower-case hex digits');
  if (given.length > 2 + 2 * maxContextBytes) refuse(`${where}.hex`, `is longer than ${maxContextBytes} bytes`);
  return { hex: given };
}

/** One claimed tensor, by what the layout says of it. */
function parseTensor(value: unknown, where: string, tensor: LayoutTensor): ReceiptTensor {
  const { visibility, dtype, elementCount, name } = tensor;
  const hidden = visibility === 'private' ? [] : visibility === 'hashed' ? (['commitment'] as const) : (['values'] as const);
  const given = fields<'name' | 'commitment' | 'values'>(value, where, ['name', ...hidden]);
  if (given.name !== name) refuse(`${where}.name`, `is not "${printable(name)}", as the layout says`);
  if (visibility === 'private') return { name };
  if (visibility === 'hashed') {
    const commitment = matching(given.commitment, `${where}.commitment`, /^0x[0-9a-f]{64}$/, '0x and 64 lower-case hex digits');
    if (BigInt(commitment) >= scalarOrder)
      refuse(`${where}.commitment`, 'is no field element: it is not below the order of the scalar field');
    return { name, commitment };
  }
  const { low, high } = elementRange(dtype);
  return {
    name,
    values: list(given.values, `${where}.values`, { exact: elementCount }, (element, path) => integer(element, path, low, high)),
  };
}

/**
 * @param value what JSON.parse gave.
 * @throws ZkonnxError ZK5006 naming the first field that no receipt of version 1 has there.
 */
export function parseReceipt(value: unknown): Receipt {
  const given = fields(value, '', [
    'format',
    'version',
    'model',
    'circuit',
    'layout',
    'context',
    'outputs',
    'inputs',
    'setup',
    'proof',
    'digest',
    'unproven',
  ]);
  const format = oneOf(given.format, 'format', ['zkonnx-receipt']);
  integer(given.version, 'version', 1, 1);
  const model = fields(given.model, 'model', ['sha256']);
  const circuit = fields(given.circuit, 'circuit', ['digest', 'r1csSha256', 'layoutDigest']);
  const layout = parseLayout(given.layout, 'layout');
  const tensors = (claimed: unknown, where: string, own: readonly LayoutTensor[]): ReceiptTensor[] => {
    let next = 0;
    return list(claimed, where, { exact: own.length }, (item, path) => parseTensor(item, path, own[next++]!));
  };
  const setup = fields(given.setup, 'setup', ['kind', 'vkeyHash', 'verificationKey'], ['ptauDigest', 'transcriptHash']);
  return {
    format,
    version: 1,
    model: { sha256: hex64(model.sha256, 'model.sha256') },
    circuit: {
      digest: hex64(circuit.digest, 'circuit.digest'),
      r1csSha256: hex64(circuit.r1csSha256, 'circuit.r1csSha256'),
      layoutDigest: hex64(circuit.layoutDigest, 'circuit.layoutDigest'),
    },
    layout,
    context: parseContext(given.context, 'context'),
    outputs: tensors(given.outputs, 'outputs', layout.outputs),
    inputs: tensors(given.inputs, 'inputs', layout.inputs),
    setup: {
      kind: oneOf(setup.kind, 'setup.kind', setupKinds),
      ...(setup.ptauDigest === undefined ? {} : { ptauDigest: hex128(setup.ptauDigest, 'setup.ptauDigest') }),
      ...(setup.transcriptHash === undefined ? {} : { transcriptHash: hex64(setup.transcriptHash, 'setup.transcriptHash') }),
      vkeyHash: hex64(setup.vkeyHash, 'setup.vkeyHash'),
      verificationKey: parseVerificationKey(setup.verificationKey, 'setup.verificationKey', 'refused'),
    },
    proof: parseProof(given.proof, 'proof'),
    digest: hex64(given.digest, 'digest'),
    unproven: unprovenOf(given.unproven),
  };
}

function unprovenOf(value: unknown): Unproven {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('unproven', 'is no object');
  return anyJson(value, 'unproven') as Unproven;
}
