/**
 * ONNX model → integer graph: binds inputs, translates node by node, binds outputs, drops what no output needs, verifies.
 * In: `Model` of onnx/. Out: `Graph`, or ZK3001 with every unsupported node.
 */
import type { Model } from '../onnx/model.ts';
import { type DraftOptions, newDraft } from './draft.ts';
import type { Graph } from './graph.ts';
import { possibleOverflows } from './overflow.ts';
import { bindInputs } from './passes/bind-inputs.ts';
import { bindOutputs, unusedInputs } from './passes/bind-outputs.ts';
import { prune } from './passes/prune.ts';
import { translate } from './passes/translate.ts';
import { defaultProfile } from './profile.ts';
import { throwUnsupported, type Unsupported } from './report.ts';
import { checkSizes } from './sizes.ts';
import { verifyGraph } from './verify.ts';

export interface BuildGraphOptions extends DraftOptions {
  /** What people call the model; defaults to the graph's own name. */
  readonly name?: string | undefined;
}

/** A computation that leaves the graph by two outputs is one line of the report. */
function distinct(entries: readonly Unsupported[]): Unsupported[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    const key = JSON.stringify([entry.node, entry.op, entry.why]);
    return seen.has(key) ? false : seen.add(key);
  });
}

/** @throws ZkonnxError ZK3001 with every unsupported node; ZK1001 for sizes that the model has no use for. */
export function buildGraph(model: Model, options: BuildGraphOptions = {}): Graph {
  const profile = options.profile ?? defaultProfile;
  checkSizes(model, options);
  const draft = newDraft(model, options);
  const badInputs = bindInputs(draft);
  const badNodes = translate(draft);
  const { outputs, unsupported: badOutputs } = bindOutputs(draft);
  let unsupported = distinct([...badInputs, ...badNodes, ...badOutputs]);
  if (unsupported.length === 0) unsupported = unusedInputs(draft);
  if (unsupported.length > 0) throwUnsupported([...unsupported, ...possibleOverflows(draft)], model.nodes.length);

  const inputs = draft.inputs.map(({ name, dims, modelDType, value }) => ({ name, value: value!, modelDType, dims }));
  const graph: Graph = {
    profile,
    modelName: options.name ?? model.graphName,
    ...prune({ values: draft.values, nodes: draft.nodes, inputs, outputs }),
  };
  verifyGraph(graph);
  return graph;
}
