/** DepthToSpace (DCR and CRD) and SpaceToDepth: blocks of pixels to channels and back. */
import { type Call, dimsOf, intAttribute, newestOpset, type Op, stringAttribute } from '../call.ts';
import { transposeOrder } from '../constants.ts';
import { applyGather } from '../gather.ts';
import { refuse } from '../report.ts';

const again = 'export the model again; onnx.checker says what is wrong';

function geometry(call: Call): readonly [number, number, number, number, number] {
  const dims = dimsOf(call, 0);
  const block = intAttribute(call, 'blocksize', 0);
  if (dims.length !== 4 || block < 1) return refuse(`blocks of ${block} in shape [${dims.join(', ')}]`, again);
  return [...(dims as [number, number, number, number]), block];
}

function depthDims(call: Call): readonly number[] {
  const [n, c, h, w, b] = geometry(call);
  if (c % (b * b) !== 0) refuse(`${c} channels in blocks of ${b}`, again);
  return [n, c / (b * b), h * b, w * b];
}

function spaceDims(call: Call): readonly number[] {
  const [n, c, h, w, b] = geometry(call);
  if (h % b !== 0 || w % b !== 0) refuse(`${h} × ${w} pixels in blocks of ${b}`, again);
  return [n, c * b * b, h / b, w / b];
}

const shared = { domain: '', inputs: [1, 1] } as const;

export const depthToSpace: Op = {
  ...shared,
  op: 'DepthToSpace',
  opsets: [1, newestOpset],
  attributes: ['blocksize', 'mode'],
  shape: depthDims,
  translate: (call, dims) => {
    const [n, c, h, w, b] = geometry(call);
    const mode = stringAttribute(call, 'mode', 'DCR');
    const rest = c / (b * b);
    if (mode === 'DCR') return applyGather(call, { dims, index: transposeOrder([n, b, b, rest, h, w], [0, 3, 4, 1, 5, 2]) });
    if (mode === 'CRD') return applyGather(call, { dims, index: transposeOrder([n, rest, b, b, h, w], [0, 1, 4, 2, 5, 3]) });
    return refuse(`mode "${mode}"`, again);
  },
};

export const spaceToDepth: Op = {
  ...shared,
  op: 'SpaceToDepth',
  opsets: [1, newestOpset],
  attributes: ['blocksize'],
  shape: spaceDims,
  translate: (call, dims) => {
    const [n, c, h, w, b] = geometry(call);
    return applyGather(call, { dims, index: transposeOrder([n, c, h / b, b, w / b, b], [0, 3, 5, 1, 2, 4]) });
  },
};
