/**
 * Second pass: one walk over the nodes in file order. Each op's file says what its output means; refusals are collected, and
 * what follows a refused node is still checked as far as its inputs are known.
 */
import type { Model, OnnxNode } from '../../onnx/model.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { adviceFor, floatModelAdvice } from '../advice.ts';
import type { Call, Op } from '../call.ts';
import { type Draft, readersOf } from '../draft.ts';
import { elementLimit, totalElementLimit } from '../limits.ts';
import type { Meaning } from '../meaning.ts';
import { domainsOf, findOp } from '../ops.ts';
import { Refusal, refuse, type Unsupported } from '../report.ts';
import { declaredSizes } from '../sizes.ts';

/** Operators of a model that has been quantized statically; without any, floats are all there is. */
const quantizedOps = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'QGemm',
  'MatMulInteger',
  'ConvInteger',
  'RequantShift',
]);
const structuralOps = new Set([
  'Constant',
  'Identity',
  'Reshape',
  'Flatten',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Dropout',
  'Cast',
  'Shape',
  'Size',
  'ConstantOfShape',
  'Range',
  'EyeLike',
]);

function isFloatModel(model: Model): boolean {
  return (
    model.inputs.some((input) => input.dtype === 'float32') &&
    !model.nodes.some(({ op }) => quantizedOps.has(op) || op.startsWith('QLinear'))
  );
}

function declaredDims({ model, sizes }: Draft, node: OnnxNode): readonly number[] | null {
  const name = node.outputs[0] ?? '';
  const info = model.valueInfos.get(name) ?? model.outputs.find((output) => output.name === name);
  return info === undefined ? null : declaredSizes(info, sizes);
}

/** What can be said of a node without its inputs. */
function checkNode(draft: Draft, node: OnnxNode, op: Op | undefined): asserts op is Op {
  const { model } = draft;
  if (op === undefined) {
    const { why, whatToDo } = adviceFor({
      op: node.op,
      domain: node.domain,
      isFunction: model.functions.has(`${node.domain}:${node.op}`),
      elsewhere: domainsOf(node.op),
    });
    return refuse(why, whatToDo);
  }
  const opset = model.opsets.get(node.domain);
  if (opset === undefined)
    return refuse(`the model does not import the operator set "${node.domain || 'ai.onnx'}"`, 'export the model again');
  const [first, last] = op.opsets;
  if (opset < first || opset > last) {
    refuse(
      `opset ${opset} is not supported for it (${first} to ${last})`,
      `convert the model: onnx.version_converter.convert_version(model, ${opset < first ? Math.max(first, 17) : last})`,
    );
  }
  for (const name of node.attributes.keys()) {
    if (!op.attributes.includes(name)) refuse(`unknown attribute "${name}"`, 'export the model with standard operators');
  }
  if (node.inputs.length < op.inputs[0] || node.inputs.length > op.inputs[1]) {
    refuse(`${node.inputs.length} inputs`, 'export the model again; onnx.checker says what is wrong');
  }
  if ((node.outputs[0] ?? '') === '') refuse('its first output is not used', 'export the model again');
  for (const name of op.translateRest === undefined ? node.outputs.slice(1) : []) {
    if (name !== '' && readersOf(draft, name).length > 0)
      refuse(`its further output "${name}" is used`, 'only the first output is supported');
  }
  for (const name of node.inputs) {
    const opaque = model.opaqueInitializers.get(name);
    if (opaque !== undefined) refuse(`its input "${name}" ${opaque.why}`, opaque.whatToDo);
  }
}

/** A QuantizeLinear behind a refused node of known shape: its integers are as good as an input's, for checking what follows. */
function isFreshStart(node: OnnxNode, inputs: readonly (Meaning | null)[]): boolean {
  return node.op === 'QuantizeLinear' && inputs.every((m, i) => m?.kind !== 'lost' || (i === 0 && m.dims !== null));
}

/** The shape and meaning of a node's output; shape first, so that a later refusal leaves it known. */
function translateNode(call: Call, op: Op, known: (dims: readonly number[]) => void): Meaning {
  const dims = op.shape(call);
  known(dims);
  // A constant may be empty: a Resize's region, a concatenation's first piece.
  const isConstant = call.inputs.every((meaning) => meaning === null || meaning.kind === 'constant');
  if (dims.some((d) => d < (isConstant ? 0 : 1)))
    refuse(`its output has shape [${dims.join(', ')}], no elements`, 'export the model again');
  const count = elementCount(dims);
  if (count > elementLimit) refuse(`its output has ${count} elements, at most ${elementLimit} are taken`, 'use a smaller model or input');
  call.draft.elements += count;
  if (call.draft.elements > totalElementLimit)
    refuse(`with it all tensors have more than ${totalElementLimit} elements together`, 'use a smaller model or input');
  return op.translate(call, dims);
}

export function translate(draft: Draft): Unsupported[] {
  const { model } = draft;
  const unsupported: Unsupported[] = [];
  const floatModel = isFloatModel(model);
  for (const node of model.nodes) {
    const op = findOp(node.domain, node.op);
    let shape = declaredDims(draft, node);
    let meanings: readonly Meaning[] = [];
    try {
      if (floatModel && !structuralOps.has(node.op)) refuse(floatModelAdvice.why, floatModelAdvice.whatToDo);
      checkNode(draft, node, op);
      const inputs = node.inputs.map((name) => (name === '' ? null : draft.meanings.get(name)!));
      const call: Call = { draft, node, opset: model.opsets.get(node.domain)!, inputs };
      const known = (dims: readonly number[]) => {
        shape = dims;
      };
      const lost = inputs.filter((m) => m?.kind === 'lost');
      if (lost.length === 0 || isFreshStart(node, inputs)) meanings = [translateNode(call, op, known), ...(op.translateRest?.(call) ?? [])];
      else if (lost.every((m) => m?.dims)) known(op.shape(call));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { why, whatToDo, at } = error;
      const opset = model.opsets.get(node.domain) ?? 0;
      unsupported.push({ node: at?.name ?? node.name, op: at?.op ?? node.op, domain: node.domain, opset, shape, why, whatToDo });
    }
    node.outputs.forEach((name, i) => {
      if (name !== '') draft.meanings.set(name, meanings[i] ?? { kind: 'lost', dims: i === 0 ? shape : null });
    });
  }
  return unsupported;
}
