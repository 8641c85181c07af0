/** Files that a run of the mutator, or of the extremes, once caught a parser with, kept as they were (base64) or as the way to make them. */
import { model, value } from '../support/onnx-builder.ts';
import { operatorCases } from '../support/operator-cases.ts';

export interface Find {
  readonly what: string;
  readonly target: string;
  readonly parts: readonly (string | (() => Uint8Array))[];
}

/** The operator's own model with its input in another shape. */
const reshaped = (op: string, dims: number[]) => () => model({ ...operatorCases[op]!, inputs: [value('x', 'float32', dims)] });

/** … with all inputs of its node the first one, many times. */
const crowded = (op: string, count: number) => () => {
  const { parts, ...rest } = operatorCases[op]!;
  const nodes = parts!.map((part) => ({
    ...part,
    nodes: part.nodes.map((node) => (node.opType === op ? { ...node, input: new Array<string>(count).fill(node.input![0]!) } : node)),
  }));
  return model({ ...rest, parts: nodes });
};

export const finds: readonly Find[] = [
  {
    what: 'a Pad to 50 million elements took four seconds',
    target: 'ONNX',
    parts: [
      'CAgSC3prb25ueC10ZXN0OpUECkUKAXgKB3hfc2NhbGUKDHhfemVyb19wb2ludBIDeF9xGhJRdWFudGl6ZUxpbmVhcjp4X3EiDlF1YW50aXplTGluZWFyOgAKTQoDeF9xCgd4X3NjYWxlCgx4X3plcm9fcG9pbnQSBHhfZHEaFURlcXVhbnRpemVMaW5lYXI6eF9kcSIQRGVxdWFudGl6ZUxpbmVhcjoAChoKBHhfZHEKAXASAXkaBVBhZDp5IgNQYWQ6AApFCgF5Cgd5X3NjYWxlCgx5X3plcm9fcG9pbnQSA3lfcRoSUXVhbnRpemVMaW5lYXI6eV9xIg5RdWFudGl6ZUxpbmVhcjoACk0KA3lfcQoHeV9zY2FsZQoMeV96ZXJvX3BvaW50EgR5X2RxGhVEZXF1YW50aXplTGluZWFyOnlfZHEiEERlcXVhbnRpemVMaW5lYXI6ABIEdGVzdCoREAFCB3hfc2NhbGVKBM3MTD0qExACQgx4X3plcm9fcG9pbnRKAXgqSgoBCBAHQgFwSkAAAAAAAAAAAAAAAAAAAAAAAQAAAQAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAAKhEQAUIHeV9zY2FsZUoEzcxMPSoTEAJCDHlfemVyb19wb2ludEoBeFobCgF4EhYKFAgBEhAKAggBCgIIBAoCCAYKAggGYgwKBHlfZHESBAoCCAFCBAoAEBFCEQoNY29tLm1pY3Jvc29mdBAB',
    ],
  },
  { what: 'a scalar divided by a constant of shape [1] was an internal error', target: 'ONNX', parts: [reshaped('Div', [])] },
  { what: 'a pool over 2^31 columns looked at every window', target: 'ONNX', parts: [reshaped('MaxPool', [1, 4, 2 ** 31 - 1, 6])] },
  { what: '200,000 inputs of one Max were compared two by two', target: 'ONNX', parts: [crowded('Max', 200_000)] },
  { what: '200,000 inputs of one QuantizeLinear took seconds', target: 'ONNX', parts: [crowded('QuantizeLinear', 200_000)] },
];
