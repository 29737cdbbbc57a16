/** A workspace of this machine handed over to another, for an agent that is to work on it there. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { FarPlace } from '@skein/protocol/machines/place';
import type { PlaceFar } from './far-words.ts';

/** Throws `bad_request`. */
export async function handOver(_client: Client, { called }: PlaceFar): Promise<FarPlace> {
  throw new SkeinError(
    'bad_request',
    `"${called}" cannot take a workspace along. Say where it is to work: --dir or --scratch.`,
  );
}
