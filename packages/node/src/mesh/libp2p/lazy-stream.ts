/**
 * Opens a stream without waiting for the far end's consent to its protocol, which would cost a round trip at every reconnect:
 * multistream-select lets the first words follow the proposal at once. What the far end answers is checked when it comes.
 */
import type { Connection, Stream, StreamMuxer } from '@libp2p/interface';
import { SkeinError } from '@skein/protocol/errors';

interface LazyStream {
  stream: Stream;
  /** What the far end must say before anything else. */
  consent: Uint8Array;
}

/** Throws `peer_lost` when the connection takes no more streams. */
export async function openLazily(connection: Connection, protocol: string): Promise<LazyStream> {
  // The public newStream always waits; its muxer does not.
  const { muxer } = connection as Connection & { muxer?: StreamMuxer };
  if (muxer === undefined || connection.status !== 'open')
    throw new SkeinError('peer_lost', 'The connection to this peer is closing.');
  const stream = await muxer.createStream();
  stream.protocol = protocol;
  // One after the other, each behind its length: so both ends say it.
  const consent = Buffer.concat(['/multistream/1.0.0', protocol].map(line));
  stream.send(consent);
  return { stream, consent };
}

function line(text: string): Buffer {
  const bytes = Buffer.from(`${text}\n`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** Passes on what follows the consent; throws `unsupported_version` for anything else in its place. */
export function afterConsent(
  consent: Uint8Array,
  pass: (chunk: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  let at = 0;
  return (chunk) => {
    let from = 0;
    while (at < consent.length && from < chunk.length) {
      if (chunk[from++] !== consent[at++])
        throw new SkeinError('unsupported_version', 'The peer does not speak the protocol between nodes.');
    }
    if (from < chunk.length) pass(chunk.subarray(from));
  };
}
