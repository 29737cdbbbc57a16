/**
 * msgpack for frames, in as little code as it takes: a client that lives for 20 ms cannot afford to load a fast codec.
 * Speaks with codec.ts in both directions; events, of which there may be millions, are left to that one.
 */
import { SkeinError } from './errors.ts';
import { MAX_DEPTH } from './plain.ts';

/**
 * Packs a JSON-like value (Uint8Array allowed). Fields that are undefined are left out. Throws `bad_request` for what is no such
 * value, and `too_large` for what is nested deeper than it could be unpacked.
 */
export function pack(value: unknown): Uint8Array {
  const out = new Writer();
  out.value(value, 0);
  return out.bytes.subarray(0, out.at);
}

/** Unpacks one value; throws `bad_frame` when the bytes are not exactly one msgpack value. Binary is a view of them. */
export function unpack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw bad('something follows the value');
  return value;
}

/** Unpacks values that stand back to back, as deep as they are. Throws `bad_frame`. */
export function unpackValues(bytes: Uint8Array): unknown[] {
  const reader = new Reader(bytes, Number.POSITIVE_INFINITY);
  const values: unknown[] = [];
  while (reader.at < bytes.length) values.push(reader.value(0));
  return values;
}

function bad(why: string): SkeinError {
  return new SkeinError('bad_frame', `These bytes are not msgpack: ${why}.`);
}

class Writer {
  bytes = new Uint8Array(256);
  at = 0;
  #view = new DataView(this.bytes.buffer);

  value(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH)
      throw new SkeinError('too_large', `This is nested too deep: ${MAX_DEPTH} levels are the most.`);
    if (value === null || value === undefined) this.#byte(0xc0);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#string(value);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 16, 0, 0xdc);
      for (const item of value) this.value(item, depth + 1);
    } else if (typeof value === 'object') {
      const fields = Object.entries(value).filter(([, field]) => field !== undefined);
      this.#head(fields.length, 0x80, 16, 0, 0xde);
      for (const [name, field] of fields) {
        this.#string(name);
        this.value(field, depth + 1);
      }
    } else throw new SkeinError('bad_request', `A ${typeof value} cannot be packed.`);
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value >= -32 && value < 128) this.#byte(value & 0xff);
    else if (Number.isInteger(value) && value >= 0 && value <= 0xffffffff) {
      const at = this.#room(5);
      this.bytes[at] = 0xce;
      this.#view.setUint32(at + 1, value);
    } else {
      const at = this.#room(9);
      this.bytes[at] = 0xcb;
      this.#view.setFloat64(at + 1, value);
    }
  }

  #string(text: string): void {
    if (text.length < 32 && this.#ascii(text)) return;
    const encoded = new TextEncoder().encode(text);
    this.#head(encoded.length, 0xa0, 32, 0xd9, 0xda);
    this.#put(encoded);
  }

  /** Most strings are short names, for which setting up the encoder costs more than the work. */
  #ascii(text: string): boolean {
    const at = this.#room(1 + text.length);
    this.bytes[at] = 0xa0 | text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.at = at;
        return false;
      }
      this.bytes[at + 1 + i] = unit;
    }
    return true;
  }

  #binary(bytes: Uint8Array): void {
    this.#head(bytes.length, 0, 0, 0xc4, 0xc5);
    this.#put(bytes);
  }

  #put(bytes: Uint8Array): void {
    // First: making room may put other bytes in the place of these.
    const at = this.#room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** A length: in the type's own byte below `few`, else in one byte (where the type has that), two or four. */
  #head(length: number, type: number, few: number, one: number, two: number): void {
    if (length < few) return this.#byte(type | length);
    const size = one !== 0 && length < 0x100 ? 1 : length < 0x10000 ? 2 : 4;
    const at = this.#room(1 + size);
    this.bytes[at] = size === 1 ? one : size === 2 ? two : two + 1;
    if (size === 1) this.#view.setUint8(at + 1, length);
    else if (size === 2) this.#view.setUint16(at + 1, length);
    else this.#view.setUint32(at + 1, length);
  }

  #byte(byte: number): void {
    const at = this.#room(1);
    this.bytes[at] = byte;
  }

  /** Makes room and returns where it begins. */
  #room(size: number): number {
    const at = this.at;
    this.at += size;
    if (this.at > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.at, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** What Node's buffers have beside what is written of them. */
interface Slices {
  utf8Slice(from: number, to: number): string;
}

/** Whether this is Node: what a browser's page has by that name, to run what was written for Node, is less. */
const isNode = () => typeof Buffer !== 'undefined' && 'utf8Slice' in Buffer.prototype;

/** Not to leave out U+FEFF where a text begins with it, which is what a decoder does unless it is told. */
const EXACT = { ignoreBOM: true };

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #buffer: Slices | undefined;

  readonly #deepest: number;

  constructor(bytes: Uint8Array, deepest = MAX_DEPTH) {
    this.#deepest = deepest;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (isNode()) this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) as Buffer & Slices;
  }

  value(depth: number): unknown {
    if (depth > this.#deepest) throw bad('it is nested too deep');
    const type = this.#uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 0x0f, depth);
    if (type < 0xa0) return this.#array(type & 0x0f, depth);
    if (type < 0xc0) return this.#string(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#uint(1 << (type - 0xc4)));
      case 0xca:
        return this.#view.getFloat32(this.#skip(4));
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#uint(1 << (type - 0xcc));
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd3:
        return Number(this.#view.getBigInt64(this.#skip(8)));
      case 0xd4:
        return this.#nothing();
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#uint(1 << (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(2 << (type - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 << (type - 0xde)), depth);
      default:
        throw bad(`type ${type} is not used here`);
    }
  }

  /** The one extension that codec.ts writes: a field that is there and undefined. */
  #nothing(): undefined {
    if (this.#uint(2) !== 0) throw bad('an extension is not used here');
    return undefined;
  }

  #map(count: number, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const name = this.value(depth + 1);
      if (typeof name !== 'string') throw bad('a field has a name');
      // A field of this name would set what the map is made from.
      if (name === '__proto__') this.value(depth + 1);
      else out[name] = this.value(depth + 1);
    }
    return out;
  }

  #array(count: number, depth: number): unknown[] {
    // Every item takes a byte at least: no more memory is taken than was sent.
    if (count > this.#bytes.length - this.at) throw bad('it ends too early');
    const out: unknown[] = [];
    for (let i = 0; i < count; i++) out.push(this.value(depth + 1));
    return out;
  }

  #string(length: number): string {
    // Node's own way takes a fifth of the time: nothing is set up, nothing interpreted. A browser has the decoder.
    if (this.#buffer !== undefined) {
      const at = this.#skip(length);
      return this.#buffer.utf8Slice(at, at + length);
    }
    return new TextDecoder('utf-8', EXACT).decode(this.#take(length));
  }

  #take(length: number): Uint8Array {
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  #uint(size: number): number {
    const at = this.#skip(size);
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    if (size === 4) return this.#view.getUint32(at);
    return Number(this.#view.getBigUint64(at));
  }

  #skip(size: number): number {
    const at = this.at;
    if (size > this.#bytes.length - at) throw bad('it ends too early');
    this.at += size;
    return at;
  }
}
