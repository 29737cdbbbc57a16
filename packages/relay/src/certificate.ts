/** The relay's own TLS certificate, read again when told to. */
import fs from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { SkeinError } from '@skein/protocol/errors';

/** PEM files: the chain, and its private key. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

export class Certificate {
  readonly #files: CertificateFiles;
  #context: SecureContext;

  constructor(files: CertificateFiles) {
    this.#files = files;
    this.#context = read(files);
  }

  get context(): SecureContext {
    return this.#context;
  }

  /** Throws `bad_request` for files that are wrong, and keeps what was. */
  reload(): void {
    this.#context = read(this.#files);
  }
}

function read({ cert, key }: CertificateFiles): SecureContext {
  try {
    return createSecureContext({
      cert: fs.readFileSync(cert),
      key: fs.readFileSync(key),
      minVersion: 'TLSv1.2',
    });
  } catch (error) {
    throw new SkeinError('bad_request', `${cert} with ${key} cannot be used: ${(error as Error).message}.`);
  }
}
