/**
 * Bytes as one line that people pass on, told whole or wrong by its own checksums:
 *
 *     base32 of: u16 length of the body · u8 CRC-8 of that · body · u32 CRC-32 of all before
 *
 * Because a body is short, the line begins with a letter.
 */
import { crc8, crc32 } from '../members/crc.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';

const HEADER = 3;
const CHECKSUM = 4;

/** Bytes that a body may have. */
export const MAX_SEALED = 0xffff;

/** The body has at most MAX_SEALED bytes. */
export function seal(body: Uint8Array): string {
  const all = new Uint8Array(HEADER + body.length + CHECKSUM);
  const view = new DataView(all.buffer);
  view.setUint16(0, Math.min(body.length, MAX_SEALED));
  view.setUint8(2, crc8(all.subarray(0, 2)));
  all.set(body, HEADER);
  view.setUint32(HEADER + body.length, crc32(all.subarray(0, HEADER + body.length)));
  return encodeBase32(all);
}

/** The body; `cut` where the end is missing, `mistyped` where it is not as it was written. */
export function unseal(text: string): Uint8Array | 'cut' | 'mistyped' {
  const decoded = decodeBase32(text);
  if (decoded === undefined) return 'mistyped';
  const { bytes: all, rest } = decoded;
  if (all.length < HEADER) return 'cut';
  const view = new DataView(all.buffer, all.byteOffset, all.length);
  if (view.getUint8(2) !== crc8(all.subarray(0, 2))) return 'mistyped';
  const end = HEADER + view.getUint16(0);
  if (all.length < end + CHECKSUM) return 'cut';
  if (all.length > end + CHECKSUM || rest !== 0 || view.getUint32(end) !== crc32(all.subarray(0, end)))
    return 'mistyped';
  return all.subarray(HEADER, end);
}

/** As it was written, without the white space that copying has put around or into it, zero-width characters included. */
export function unspaced(pasted: string): string {
  return pasted.replace(/[\s\u200b-\u200d\u2060\ufeff]+/gu, '').toLowerCase();
}
