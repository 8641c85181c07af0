/** AttributeProto → OnnxAttribute: the declared type decides, and no other value may stand beside it. */
import onnxProto from 'onnx-proto';
import { ZkonnxError } from '../errors.ts';
import type { OnnxAttribute, ReadExternal } from './model.ts';
import { decodeTensor, type Int64, safeInteger } from './tensor.ts';

const { AttributeType } = onnxProto.onnx.AttributeProto;

/** The field that holds a value of each type (AttributeProto.AttributeType). */
const fieldOf: Readonly<Record<number, keyof onnxProto.onnx.IAttributeProto>> = {
  [AttributeType.FLOAT]: 'f',
  [AttributeType.INT]: 'i',
  [AttributeType.STRING]: 's',
  [AttributeType.TENSOR]: 't',
  [AttributeType.GRAPH]: 'g',
  [AttributeType.FLOATS]: 'floats',
  [AttributeType.INTS]: 'ints',
  [AttributeType.STRINGS]: 'strings',
  [AttributeType.TENSORS]: 'tensors',
  [AttributeType.GRAPHS]: 'graphs',
  [AttributeType.SPARSE_TENSOR]: 'sparseTensor',
  [AttributeType.SPARSE_TENSORS]: 'sparseTensors',
  [AttributeType.TYPE_PROTO]: 'tp',
  [AttributeType.TYPE_PROTOS]: 'typeProtos',
};

function other(what: string): OnnxAttribute {
  return { kind: 'other', value: what };
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** `where` names the node, for errors; `external` as for decodeTensor. */
export function decodeAttribute(proto: onnxProto.onnx.IAttributeProto, where: string, external?: ReadExternal | undefined): OnnxAttribute {
  const name = proto.name ?? '';
  const type = proto.type ?? AttributeType.UNDEFINED;
  const field = fieldOf[type];
  if (field === undefined) throw new ZkonnxError('ZK2005', { what: `attribute "${name}" of ${where} has no type` });
  for (const beside of Object.values(fieldOf)) {
    const value = beside !== field && Object.hasOwn(proto, beside) ? proto[beside] : null;
    if (value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw new ZkonnxError('ZK2005', { what: `attribute "${name}" of ${where} is declared as ${field} but has ${beside} too` });
    }
  }
  switch (type) {
    case AttributeType.FLOAT:
      return { kind: 'float', value: proto.f ?? 0 };
    case AttributeType.INT: {
      const value = safeInteger((proto.i ?? 0) as Int64);
      return value === null ? other('an integer beyond 2^53') : { kind: 'int', value };
    }
    case AttributeType.STRING:
      return { kind: 'string', value: utf8(proto.s ?? new Uint8Array(0)) };
    case AttributeType.FLOATS:
      return { kind: 'floats', value: [...(proto.floats ?? [])] };
    case AttributeType.INTS: {
      const value: number[] = [];
      for (const item of (proto.ints ?? []) as Int64[]) {
        const n = safeInteger(item);
        if (n === null) return other('integers beyond 2^53');
        value.push(n);
      }
      return { kind: 'ints', value };
    }
    case AttributeType.STRINGS:
      return { kind: 'strings', value: (proto.strings ?? []).map(utf8) };
    case AttributeType.TENSOR: {
      if (!proto.t) throw new ZkonnxError('ZK2005', { what: `attribute "${name}" of ${where} is a tensor without a value` });
      const value = decodeTensor(proto.t, `${where}.${name}`, external);
      return 'why' in value ? other(`a tensor that ${value.why}`) : { kind: 'tensor', value };
    }
    default:
      return other(field);
  }
}
