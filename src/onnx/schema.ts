/**
 * The fields of ONNX's protobuf messages, as the wire scan sees them: onnx.proto of ONNX 1.23 (IR 14), field by field.
 * `onnx-proto` was generated from ONNX 1.10 and drops what it does not know, so this table decides what may be dropped.
 *
 * Reference: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** How a field stands on the wire. `name` is UTF-8 that carries meaning (checked), `text` is for people (unchecked). */
export type Scalar = 'int32' | 'int64' | 'float' | 'double' | 'name' | 'text' | 'bytes';

export interface Field {
  readonly label: string;
  readonly kind: Scalar | 'message';
  /**
   * Of kind 'message': which one; null is walked no further. That is for messages that onnx-proto skips whole or that are refused:
   * one that it decodes unwalked could end past its own length and shift everything behind it.
   */
  readonly message: string | null;
  readonly repeated: boolean;
  /** Members of one oneof exclude each other. */
  readonly oneof: boolean;
  /** Present and not empty, it would change what the model means, and zkonnx does not read it: what to tell the user. */
  readonly refuse: string | null;
}

type Extra = { readonly repeated?: true; readonly oneof?: true; readonly refuse?: string };

function scalar(label: string, kind: Scalar, extra: Extra = {}): Field {
  return { label, kind, message: null, repeated: extra.repeated ?? false, oneof: extra.oneof ?? false, refuse: extra.refuse ?? null };
}

function message(label: string, name: string | null, extra: Extra = {}): Field {
  return {
    label,
    kind: 'message',
    message: name,
    repeated: extra.repeated ?? false,
    oneof: extra.oneof ?? false,
    refuse: extra.refuse ?? null,
  };
}

const many = { repeated: true } as const;
const oneOf = { oneof: true } as const;

const nodeProto: Readonly<Record<number, Field>> = {
  1: scalar('input', 'name', many),
  2: scalar('output', 'name', many),
  3: scalar('name', 'name'),
  4: scalar('op_type', 'name'),
  5: message('attribute', 'AttributeProto', many),
  6: scalar('doc_string', 'text'),
  7: scalar('domain', 'name'),
  8: scalar('overload', 'name', { refuse: 'function overloads' }),
  9: message('metadata_props', 'StringStringEntryProto', many),
  10: message('device_configurations', null, many),
};

const attributeProto: Readonly<Record<number, Field>> = {
  1: scalar('name', 'name'),
  2: scalar('f', 'float'),
  3: scalar('i', 'int64'),
  4: scalar('s', 'bytes'),
  5: message('t', 'TensorProto'),
  6: message('g', 'GraphProto'),
  7: scalar('floats', 'float', many),
  8: scalar('ints', 'int64', many),
  9: scalar('strings', 'bytes', many),
  10: message('tensors', 'TensorProto', many),
  11: message('graphs', 'GraphProto', many),
  13: scalar('doc_string', 'text'),
  14: message('tp', 'TypeProto'),
  15: message('type_protos', 'TypeProto', many),
  20: scalar('type', 'int32'),
  21: scalar('ref_attr_name', 'name', { refuse: "references to a function's attributes" }),
  22: message('sparse_tensor', 'SparseTensorProto'),
  23: message('sparse_tensors', 'SparseTensorProto', many),
};

/** Message → field number → field. A number that is not here is refused. */
export const schema: Readonly<Record<string, Readonly<Record<number, Field>>>> = {
  ModelProto: {
    1: scalar('ir_version', 'int64'),
    2: scalar('producer_name', 'text'),
    3: scalar('producer_version', 'text'),
    4: scalar('domain', 'text'),
    5: scalar('model_version', 'int64'),
    6: scalar('doc_string', 'text'),
    7: message('graph', 'GraphProto'),
    8: message('opset_import', 'OperatorSetIdProto', many),
    14: message('metadata_props', 'StringStringEntryProto', many),
    20: message('training_info', null, { repeated: true, refuse: 'training information' }),
    25: message('functions', 'FunctionProto', many),
    26: message('configuration', null, many),
  },
  OperatorSetIdProto: { 1: scalar('domain', 'name'), 2: scalar('version', 'int64') },
  GraphProto: {
    1: message('node', 'NodeProto', many),
    2: scalar('name', 'name'),
    5: message('initializer', 'TensorProto', many),
    10: scalar('doc_string', 'text'),
    11: message('input', 'ValueInfoProto', many),
    12: message('output', 'ValueInfoProto', many),
    13: message('value_info', 'ValueInfoProto', many),
    14: message('quantization_annotation', 'TensorAnnotation', many),
    15: message('sparse_initializer', 'SparseTensorProto', many),
    16: message('metadata_props', 'StringStringEntryProto', many),
  },
  NodeProto: nodeProto,
  AttributeProto: attributeProto,
  FunctionProto: {
    1: scalar('name', 'name'),
    2: scalar('since_version', 'int64'),
    3: scalar('status', 'int32'),
    4: scalar('input', 'name', many),
    5: scalar('output', 'name', many),
    6: scalar('attribute', 'name', many),
    7: message('node', 'FunctionNode', many),
    8: scalar('doc_string', 'text'),
    9: message('opset_import', 'OperatorSetIdProto', many),
    10: scalar('domain', 'name'),
    11: message('attribute_proto', 'FunctionAttribute', many),
    12: message('value_info', 'ValueInfoProto', many),
    13: scalar('overload', 'name'),
    14: message('metadata_props', 'StringStringEntryProto', many),
  },
  // Within a function, nodes may take its attributes and call its overloads: a function is reported where it is called, and never read.
  FunctionNode: { ...nodeProto, 5: message('attribute', 'FunctionAttribute', many), 8: scalar('overload', 'name') },
  FunctionAttribute: { ...attributeProto, 21: scalar('ref_attr_name', 'name') },
  ValueInfoProto: {
    1: scalar('name', 'name'),
    2: message('type', 'TypeProto'),
    3: scalar('doc_string', 'text'),
    4: message('metadata_props', 'StringStringEntryProto', many),
  },
  TensorProto: {
    1: scalar('dims', 'int64', many),
    2: scalar('data_type', 'int32'),
    3: message('segment', null, { refuse: 'segmented tensors' }),
    4: scalar('float_data', 'float', many),
    5: scalar('int32_data', 'int32', many),
    6: scalar('string_data', 'bytes', many),
    7: scalar('int64_data', 'int64', many),
    8: scalar('name', 'name'),
    9: scalar('raw_data', 'bytes'),
    10: scalar('double_data', 'double', many),
    11: scalar('uint64_data', 'int64', many),
    12: scalar('doc_string', 'text'),
    13: message('external_data', 'StringStringEntryProto', many),
    14: scalar('data_location', 'int32'),
    16: message('metadata_props', 'StringStringEntryProto', many),
  },
  SparseTensorProto: {
    1: message('values', 'TensorProto'),
    2: message('indices', 'TensorProto'),
    3: scalar('dims', 'int64', many),
  },
  TensorAnnotation: { 1: scalar('tensor_name', 'text'), 2: message('quant_parameter_tensor_names', 'StringStringEntryProto', many) },
  StringStringEntryProto: { 1: scalar('key', 'text'), 2: scalar('value', 'text') },
  TypeProto: {
    1: message('tensor_type', 'TensorType', oneOf),
    4: message('sequence_type', 'SequenceType', oneOf),
    5: message('map_type', 'MapType', oneOf),
    6: scalar('denotation', 'text'),
    7: message('opaque_type', null, oneOf),
    8: message('sparse_tensor_type', 'TensorType', oneOf),
    9: message('optional_type', 'SequenceType', oneOf),
  },
  TensorType: { 1: scalar('elem_type', 'int32'), 2: message('shape', 'TensorShapeProto') },
  SequenceType: { 1: message('elem_type', 'TypeProto') },
  MapType: { 1: scalar('key_type', 'int32'), 2: message('value_type', 'TypeProto') },
  TensorShapeProto: { 1: message('dim', 'Dimension', many) },
  Dimension: {
    1: scalar('dim_value', 'int64', oneOf),
    2: scalar('dim_param', 'name', oneOf),
    3: scalar('denotation', 'text'),
  },
};
