/** Admission tokens of relays that ask for one: secrets, so kept in a file for the owner alone and never in the log. */
import fs from 'node:fs';
import path from 'node:path';
import { parseRelayAddress } from '@skein/protocol/relay/address';
import { isCode, writeWhole } from '../platform/files.ts';

/** Bytes of the file that are looked at. */
const FILE_MAX = 64 * 1024;

/** By the relay's URL without its pin. */
type Admissions = Record<string, string>;

export function readAdmissions(dir: string): Admissions {
  let text: string;
  try {
    text = fs.readFileSync(fileIn(dir), 'utf8').slice(0, FILE_MAX);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return {};
    throw error;
  }
  const all: Admissions = {};
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) all[line.slice(0, space)] = line.slice(space + 1);
  }
  return all;
}

/** Keeps a token in the place of an older one, or forgets it. Throws `bad_relay_address`. */
export function keepAdmission(dir: string, relay: string, token: string | undefined): void {
  const { url } = parseRelayAddress(relay);
  const { [url]: _, ...others } = readAdmissions(dir);
  const all = token === undefined ? others : { ...others, [url]: token };
  writeWhole(
    fileIn(dir),
    Object.entries(all)
      .map(([key, value]) => `${key} ${value}\n`)
      .join(''),
  );
}

function fileIn(dir: string): string {
  return path.join(dir, 'admissions');
}
