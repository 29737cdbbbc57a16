/** Puts the policies of a compose file's sessions where the node reads them, and takes them away (rule B4). */
import fs from 'node:fs';
import path from 'node:path';
import { composePolicy } from '@skein/node/agents/definitions/places';
import { newId } from '@skein/protocol/ids';

interface Of {
  project: string;
  part: string;
}

/** Whole or not at all: a node that reads it meanwhile never sees a half. */
export async function writePolicy(home: string, of: Of, text: string): Promise<void> {
  const file = composePolicy(home, of);
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${newId()}`;
  fs.writeFileSync(beside, text, { mode: 0o600, flush: true });
  fs.renameSync(beside, file);
}

export async function removePolicy(home: string, of: Of): Promise<void> {
  const file = composePolicy(home, of);
  fs.rmSync(file, { force: true });
  try {
    fs.rmdirSync(path.dirname(file));
  } catch {
    // Others are in it.
  }
}
