/** The relay's own TLS certificate, read again when told to. */
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { SkeinError } from '@skein/protocol/errors';

/** PEM files: the chain, and its private key. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

interface Read {
  context: SecureContext;
  /** When the first of the chain, the relay's own, ends. */
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

  /** What is to be said of one that has ended, which no node accepts; undefined while it is good. */
  get ended(): string | undefined {
    return hasEnded(this.#read) ? endedOn(this.#files, this.#read) : undefined;
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
    return { context, until: new Date(new X509Certificate(chain).validTo) };
  } catch (error) {
    throw new SkeinError('bad_request', `${cert} with ${key} cannot be used: ${(error as Error).message}.`);
  }
}
