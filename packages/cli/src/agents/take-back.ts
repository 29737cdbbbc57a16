/** Takes prompts back that wait for an agent (rule A4). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';

/** Those of them that were taken back: one that was begun with meanwhile waits no more, and is not meant. */
export async function takeBack(
  client: Pick<Client, 'command'>,
  stream: string,
  agent: string,
  prompts: readonly string[],
): Promise<string[]> {
  const taken = await Promise.all(
    prompts.map(async (prompt) => {
      try {
        await client.command(stream, 'prompt.cancel', { agent, prompt });
        return [prompt];
      } catch (error) {
        if (SkeinError.from(error).code === 'gone') return [];
        throw error;
      }
    }),
  );
  return taken.flat();
}
