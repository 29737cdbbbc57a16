/** Who may register (rule R3): anybody, those on a list, those who know a token; and whether others may at least dial. */
import { createHash, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { ADMISSION_MAX } from '@skein/protocol/relay/limits';
import { isPeerId } from '@skein/protocol/relay/peer-id';

/** What somebody registers with, as far as it decides whether they may. */
export interface Applicant {
  peer: string;
  /** The admission token that they gave. */
  admission: string | undefined;
  /** Whether they are to be dialled. */
  listen: boolean;
}

export interface AdmissionOptions {
  /** A file of PeerIds, one a line; `#` begins a comment. */
  allowFile?: string;
  /** A file that holds the admission token, or the token itself, which comes from the environment and never from argv. */
  tokenFile?: string;
  token?: string;
  /** Whether those who are not admitted may still dial those who are: guests that come by a ticket. */
  guests?: boolean;
}

/** Characters. Fewer could be guessed in time by somebody who may try as often as they like. */
const TOKEN_MIN = 16;

export class Admission {
  readonly #options: AdmissionOptions;
  #allowed: ReadonlySet<string> | undefined;
  #token: Buffer | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.reload();
  }

  /** Reads the files again; throws `bad_request` for one that is wrong, and keeps what was. */
  reload(): void {
    const { allowFile, tokenFile, token } = this.#options;
    const allowed = allowFile === undefined ? undefined : parseAllowed(allowFile, readText(allowFile));
    const secret = tokenFile === undefined ? token : readText(tokenFile).trim();
    if (secret !== undefined && (secret.length < TOKEN_MIN || secret.length > ADMISSION_MAX))
      throw new SkeinError(
        'bad_request',
        `An admission token has ${TOKEN_MIN} to ${ADMISSION_MAX} characters.`,
      );
    this.#allowed = allowed;
    this.#token = secret === undefined ? undefined : digest(secret);
  }

  get open(): boolean {
    return this.#allowed === undefined && this.#token === undefined;
  }

  /** Either proof is enough where both are asked for. */
  admits(applicant: Applicant): boolean {
    if (this.open || (!applicant.listen && this.#options.guests === true)) return true;
    return this.proves(applicant);
  }

  /** Whether they are on the list or know the token, rather than let in as anybody would be. */
  proves({ peer, admission }: Applicant): boolean {
    if (this.#allowed?.has(peer)) return true;
    return (
      this.#token !== undefined && admission !== undefined && timingSafeEqual(this.#token, digest(admission))
    );
  }
}

/** Of equal size whatever is given, so that the comparison tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new SkeinError('bad_request', `${file} cannot be read: ${(error as Error).message}.`);
  }
}

function parseAllowed(file: string, text: string): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const peer = line.replace(/#.*/, '').trim();
    if (peer === '') continue;
    if (!isPeerId(peer))
      throw new SkeinError(
        'bad_request',
        `${file}, line ${index + 1}: this is no PeerId. One begins with 12D3KooW.`,
      );
    allowed.add(peer);
  }
  return allowed;
}
