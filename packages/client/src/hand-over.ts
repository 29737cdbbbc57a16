/** Hands what is too large for a command over to the node before, in pieces (rule A4). */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';

/** Bytes of all texts and images of a prompt that go in the command itself; and of a piece of what does not. */
const INLINE = 256 * 1024;
/** How often a prompt is handed over to a node that forgets it, as one does that is started again. */
const TRIES = 3;

/**
 * Gives a command with the parts of a prompt, of any size, to a session of this id. Throws what that is refused with, and
 * `bad_request` for an image that is not in base64.
 */
export async function handOver<T>(
  client: Client,
  session: string,
  parts: readonly PromptPartGiven[],
  give: (parts: PromptPartGiven[]) => Promise<T>,
): Promise<T> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await give(await handedOver(client, session, parts));
    } catch (thrown) {
      if (left === 1 || SkeinError.from(thrown).code !== 'upload_gone') throw thrown;
    }
  }
}

async function handedOver(
  client: Client,
  session: string,
  parts: readonly PromptPartGiven[],
): Promise<PromptPartGiven[]> {
  const given: PromptPartGiven[] = [];
  let room = INLINE;
  for (const part of parts) {
    const size = sizeOf(part);
    if (size <= room) {
      room -= size;
      given.push(part);
    } else if (part.type === 'text' && 'text' in part)
      given.push({ type: 'text', upload: await uploaded(client, session, Buffer.from(part.text)) });
    else if (part.type === 'image' && 'data' in part)
      given.push({
        type: 'image',
        mime: part.mime,
        upload: await uploaded(client, session, decoded(part.data)),
      });
  }
  return given;
}

/** Bytes of it in the command that can be handed over instead. */
function sizeOf(part: PromptPartGiven): number {
  if ('text' in part) return Buffer.byteLength(part.text);
  return 'data' in part ? part.data.length : 0;
}

function decoded(data: string): Buffer {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.toString('base64') === data) return bytes;
  throw new SkeinError('bad_request', 'The data of an image is to be in base64.');
}

async function uploaded(client: Client, ref: string, bytes: Buffer): Promise<string> {
  let handle: string | undefined;
  for (let at = 0; at < bytes.length; at += INLINE) {
    const piece = new Uint8Array(bytes.subarray(at, at + INLINE));
    const body = handle === undefined ? { ref, bytes: piece } : { ref, bytes: piece, handle };
    const answer = await client.ask('upload', body);
    // A piece whose answer was lost with the connection was sent again, and is there twice.
    if (answer.size !== at + piece.length)
      throw new SkeinError('upload_gone', 'The connection broke while the prompt was handed over.');
    handle = answer.handle;
  }
  return handle ?? '';
}
