/** The relay's own TLS certificate, read again when told to, or when it was renewed. */
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { SkeinError } from '@skein/protocol/errors';

/** PEM files: the chain, and its private key. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

const DAY_MS = 86_400_000;
/** Days before its end from which on that is warned of: those who renew by themselves do so weeks before. */
const WARN_DAYS = 7;
/** And the part of its time that is left then at most: some are made for six days, and renewed after half of them. */
const WARN_PART = 1 / 3;

interface Read {
  context: SecureContext;
  /** When the first of the chain, the relay's own, begins to be valid, and when it ends. */
  from: Date;
  until: Date;
}

export class Certificate {
  readonly #files: CertificateFiles;
  #read: Read;

  constructor(files: CertificateFiles) {
    this.#files = files;
    this.#read = read(files);
  }

  get context(): SecureContext {
    return this.#read.context;
  }

  /** When it ends. */
  get until(): Date {
    return this.#read.until;
  }

  get file(): string {
    return this.#files.cert;
  }

  /** What is to be said of one that has ended, which no node accepts, or will within days; undefined while it is good. */
  get warning(): string | undefined {
    if (hasEnded(this.#read)) return `${endedOn(this.#files, this.#read)} Renew it, then send SIGHUP.`;
    const end = this.until.getTime();
    const left = end - Date.now();
    if (left >= Math.min(WARN_DAYS * DAY_MS, (end - this.#read.from.getTime()) * WARN_PART)) return undefined;
    const days = Math.floor(left / DAY_MS);
    const within = days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`;
    return `The certificate in ${this.file} ends ${within}, at ${this.until.toISOString()}. Renew it.`;
  }

  /** Takes what the files hold now if that lasts longer, and says whether it did. What is wrong with them is let be. */
  renew(): boolean {
    try {
      const next = read(this.#files);
      // One that was made ahead of its time is taken when that has come: no node accepts it before.
      if (next.until <= this.until || hasEnded(next) || next.from.getTime() > Date.now()) return false;
      this.#read = next;
      return true;
    } catch {
      // They may be half written.
      return false;
    }
  }

  /** Throws `bad_request` for files that are wrong, or for one that has ended in place of one that has not, and keeps what was. */
  reload(): void {
    const next = read(this.#files);
    if (hasEnded(next) && !hasEnded(this.#read))
      throw new SkeinError('bad_request', `${endedOn(this.#files, next)} The one before is still used.`);
    this.#read = next;
  }
}

function hasEnded({ until }: Read): boolean {
  return until.getTime() < Date.now();
}

function endedOn({ cert }: CertificateFiles, { until }: Read): string {
  return `The certificate in ${cert} ended at ${until.toISOString()}: nodes do not accept it.`;
}

function read({ cert, key }: CertificateFiles): Read {
  try {
    const chain = fs.readFileSync(cert);
    const context = createSecureContext({ cert: chain, key: fs.readFileSync(key), minVersion: 'TLSv1.2' });
    const { validFrom, validTo } = new X509Certificate(chain);
    return { context, from: new Date(validFrom), until: new Date(validTo) };
  } catch (error) {
    throw new SkeinError('bad_request', `${cert} with ${key} cannot be used: ${(error as Error).message}.`);
  }
}
