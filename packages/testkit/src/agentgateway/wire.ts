// Messages read by tables of our own, and not by generated code: a number that is wrong in the .proto files of the plane
// is then seen here. What no table has is told, since a real proxy would drop it in silence.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Told of everything that the tables do not have. */
export type Note = (complaint: string) => void

interface Place {
  readonly path: string
  readonly note: Note
}

/** How a value stands in a message. `T` is what is read, `D` what a test writes. */
export interface Codec<T, D = T> {
  readonly wireType: WireType
  readonly empty: T
  read(reader: BinaryReader, place: Place): T
  write(writer: BinaryWriter, value: D): void
}

/** One field, or the members of one oneof. */
export interface Field<T, D = T> {
  readonly members: readonly Member<T>[]
  readonly initial: () => T
  write(writer: BinaryWriter, value: D): void
}

interface Member<T> {
  readonly number: number
  readonly wireTypes: readonly WireType[]
  /** What becomes of the field's value. */
  read(reader: BinaryReader, place: Place, before: T, wireType: WireType): T
}

type Shape = Readonly<Record<string, Field<unknown>>>
type Read<S> = { readonly [K in keyof S]: S[K] extends Field<infer T, infer _> ? T : never }
type Draft<S> = { readonly [K in keyof S]?: S[K] extends Field<infer _, infer D> ? D : never }

export interface Message<T, D> extends Codec<T, D> {
  /** Throws when the bytes are no such message. */
  decode(bytes: Uint8Array, note: Note): T
  encode(draft: D): Uint8Array
}

/** What a table reads. */
export type ValueOf<M> = M extends Codec<infer T, infer _> ? T : never
/** What a test writes for it. */
export type DraftOf<M> = M extends Codec<infer _, infer D> ? D : never

const scalar = <T>(
  wireType: WireType,
  empty: T,
  read: (reader: BinaryReader) => T,
  write: (writer: BinaryWriter, value: T) => unknown,
): Codec<T> => ({ wireType, empty, read, write: (writer, value) => void write(writer, value) })

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const string = scalar(
  WireType.LengthDelimited,
  '',
  (reader) => utf8.decode(reader.bytes()),
  (writer, value) => writer.string(value),
)
export const bytes = scalar<Uint8Array>(
  WireType.LengthDelimited,
  new Uint8Array(),
  (reader) => reader.bytes(),
  (writer, value) => writer.bytes(value),
)
export const bool = scalar(
  WireType.Varint,
  false,
  (reader) => reader.bool(),
  (writer, value) => writer.bool(value),
)
export const uint32 = scalar(
  WireType.Varint,
  0,
  (reader) => reader.uint32(),
  (writer, value) => writer.uint32(value),
)
export const int32 = scalar(
  WireType.Varint,
  0,
  (reader) => reader.int32(),
  (writer, value) => writer.int32(value),
)
export const int64 = scalar(
  WireType.Varint,
  0,
  (reader) => Number(reader.int64()),
  (writer, value) => writer.int64(value),
)
export const double = scalar(
  WireType.Bit64,
  0,
  (reader) => reader.double(),
  (writer, value) => writer.double(value),
)
/** A number that may be none of the enumeration's: what that means is for who takes it. */
export const enumeration = int32
/** A message whose inside this client does not look at. */
export const opaque = bytes

/** Without presence: absent is the empty value. */
export const one = <T, D>(number: number, codec: Codec<T, D>): Field<T, D> => ({
  initial: () => codec.empty,
  members: [{ number, wireTypes: [codec.wireType], read: (reader, place) => codec.read(reader, place) }],
  write: (writer, value) => writeMember(writer, number, codec, value),
})

/** With presence. */
export const may = <T, D>(number: number, codec: Codec<T, D>): Field<T | undefined, D | undefined> => ({
  initial: () => undefined,
  members: [{ number, wireTypes: [codec.wireType], read: (reader, place) => codec.read(reader, place) }],
  write: (writer, value) => value !== undefined && writeMember(writer, number, codec, value),
})

export const many = <T, D>(number: number, codec: Codec<T, D>): Field<readonly T[], readonly D[]> => ({
  initial: () => [],
  members: [
    {
      number,
      wireTypes: [codec.wireType, WireType.LengthDelimited],
      read(reader, place, before, wireType) {
        if (wireType === codec.wireType) return [...before, codec.read(reader, place)]
        const packed: T[] = [...before]
        for (const end = reader.uint32() + reader.pos; reader.pos < end; ) packed.push(codec.read(reader, place))
        return packed
      },
    },
  ],
  write: (writer, values) => {
    for (const value of values) writeMember(writer, number, codec, value)
  },
})

type Cases = Readonly<Record<string, readonly [number, Codec<unknown>]>>
type OneOf<C extends Cases> = { [K in keyof C]: { readonly is: K; readonly value: ValueOf<C[K][1]> } }[keyof C]
type OneOfDraft<C extends Cases> = { [K in keyof C]: { readonly is: K; readonly value: DraftOf<C[K][1]> } }[keyof C]

export const oneOf = <C extends Cases>(cases: C): Field<OneOf<C> | undefined, OneOfDraft<C> | undefined> => ({
  initial: () => undefined,
  members: Object.entries(cases).map(([is, [number, codec]]) => ({
    number,
    wireTypes: [codec.wireType],
    read: (reader, place) => ({ is, value: codec.read(reader, place) }) as OneOf<C>,
  })),
  write(writer, value) {
    const [number, codec] = cases[value?.is ?? ''] ?? []
    if (number !== undefined && codec !== undefined) writeMember(writer, number, codec, value?.value)
  },
})

/** With strings as keys. */
export function map<T, D>(
  number: number,
  codec: Codec<T, D>,
): Field<ReadonlyMap<string, T>, Readonly<Record<string, D>>> {
  const entry = message('entry', { key: one(1, string), value: one(2, codec) })
  return {
    initial: () => new Map(),
    members: [
      {
        number,
        wireTypes: [WireType.LengthDelimited],
        read(reader, place, before) {
          const { key, value } = entry.read(reader, place)
          return new Map([...before, [key, value]])
        },
      },
    ],
    write: (writer, values) => {
      for (const [key, value] of Object.entries(values)) writeMember(writer, number, entry, { key, value })
    },
  }
}

export function message<S extends Shape>(name: string, shape: S): Message<Read<S>, Draft<S>> {
  const fields = Object.entries(shape)
  const byNumber = new Map(
    fields.flatMap(([field, { members }]) => members.map((member) => [member.number, { field, member }] as const)),
  )
  const readTo = (reader: BinaryReader, end: number, place: Place): Read<S> => {
    const value: Record<string, unknown> = Object.fromEntries(fields.map(([field, { initial }]) => [field, initial()]))
    while (reader.pos < end) {
      const [number, wireType] = reader.tag()
      const known = byNumber.get(number)
      if (known === undefined) {
        place.note(`${place.path}: ${name} has no field ${number}`)
        reader.skip(wireType)
        continue
      }
      const { field, member } = known
      if (!member.wireTypes.includes(wireType)) throw new Error(`${place.path}.${field}: wire type ${wireType}`)
      value[field] = member.read(reader, { ...place, path: `${place.path}.${field}` }, value[field], wireType)
    }
    return value as Read<S>
  }
  const codec: Codec<Read<S>, Draft<S>> = {
    wireType: WireType.LengthDelimited,
    get empty() {
      return readTo(new BinaryReader(new Uint8Array()), 0, { path: name, note: () => {} })
    },
    read: (reader, place) => readTo(reader, reader.uint32() + reader.pos, place),
    write(writer, draft) {
      writer.fork()
      for (const [field, { write }] of fields) {
        const value = (draft as Record<string, unknown>)[field]
        if (value !== undefined) write(writer, value)
      }
      writer.join()
    },
  }
  return {
    ...codec,
    empty: codec.empty,
    decode: (body, note) => readTo(new BinaryReader(body), body.length, { path: name, note }),
    encode(draft) {
      const writer = new BinaryWriter()
      codec.write(writer, draft)
      const reader = new BinaryReader(writer.finish())
      return reader.bytes()
    },
  }
}

function writeMember<T, D>(writer: BinaryWriter, number: number, codec: Codec<T, D>, value: D): void {
  writer.tag(number, codec.wireType)
  codec.write(writer, value)
}
