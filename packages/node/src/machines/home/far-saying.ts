/** What home tells, as the worker is given it: prompts with their parts, which home's log holds (rules A4, X3, L8). */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import type { PromptPart } from '@skein/protocol/agents/life-events';
import type { Client } from '@skein/protocol/client/client';
import type { Unheard } from '@skein/protocol/machines/far';
import { readEvent } from '../../agents/read-event.ts';
import type { KernelApi } from '../../kernel/types.ts';

/** Bytes of one part, and of all of a prompt's, that go in the command itself; others are handed over before, in pieces of so many. */
const INLINE = 256 * 1024;

/** The body of what is told. Throws what reading the log, or handing over, throws. */
export async function bodyOf(
  kernel: KernelApi,
  client: Client,
  { home, hosted }: { home: string; hosted: string },
  { type, body }: Unheard,
): Promise<unknown> {
  if (type !== 'prompt.queue') return body;
  const { agent, prompt, offset } = body as { agent: string; prompt: string; offset: number };
  const event = await readEvent(kernel, `session/${home}`, offset);
  const { parts } = event.body as { parts: PromptPart[] };
  const given: PromptPartGiven[] = [];
  let room = INLINE;
  for (const part of parts) {
    const text = part.type === 'text' ? part.text : part.type === 'image' ? part.data : part.path;
    const size = Buffer.byteLength(text);
    if (part.type === 'file' || size <= room) {
      given.push(part);
      room -= size;
      continue;
    }
    const bytes = Buffer.from(text, part.type === 'text' ? 'utf8' : 'base64');
    const upload = await handedOver(client, hosted, bytes);
    given.push(part.type === 'text' ? { type: 'text', upload } : { type: 'image', mime: part.mime, upload });
  }
  return { agent, prompt, parts: given };
}

async function handedOver(client: Client, ref: string, bytes: Buffer): Promise<string> {
  let handle: string | undefined;
  for (let at = 0; at < bytes.length; at += INLINE) {
    const piece = new Uint8Array(bytes.subarray(at, at + INLINE));
    const body = handle === undefined ? { ref, bytes: piece } : { ref, bytes: piece, handle };
    handle = (await client.ask('upload', body)).handle;
  }
  return handle ?? '';
}
