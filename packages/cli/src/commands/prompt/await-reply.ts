/** Prints the reply to a prompt as it comes, and ends with its turn. */
import { followAgents } from '@skein/client/events';
import { SkeinError } from '@skein/protocol/errors';
import { visibleLines } from '@skein/protocol/text/words';
import type { FoundAgent } from '../../agents/open.ts';
import { type End, Reply, type Told } from '../../agents/reply.ts';
import { complain, printJson, writeAll } from '../../output/write.ts';
import type { Interrupt } from './interrupt.ts';

/** Milliseconds in which a policy may answer a question before people are told of it. */
const POLICY_MS = 150;

export async function awaitReply(
  found: FoundAgent,
  prompt: string,
  { json, interrupt }: { json: boolean; interrupt: Interrupt },
): Promise<number> {
  const { client, session, node, agent } = found;
  const reply = new Reply({ agent: agent.agent, name: agent.name, prompt, node });
  const out = new ReplyOut(json);
  let pause: NodeJS.Timeout | undefined;
  try {
    for await (const { event, state } of followAgents(client, session)) {
      clearTimeout(pause);
      const heard = reply.push(event, state);
      interrupt.turn(reply.turn);
      if (json && reply.concerns(event)) printJson(event);
      for (const one of heard) {
        if (one.kind === 'end') return out.end(one);
        out.tell(one);
      }
      pause = setTimeout(() => reply.flush().forEach((one) => void out.tell(one)), POLICY_MS);
    }
  } finally {
    clearTimeout(pause);
  }
  throw new SkeinError('gone', 'The session was removed before the turn had ended.');
}

/** The reply on stdout, whole lines of what is beside it on stderr; of JSON there are the events alone. */
class ReplyOut {
  readonly #json: boolean;
  #inLine = false;

  constructor(json: boolean) {
    this.#json = json;
  }

  tell(heard: Told): void {
    if (this.#json) return;
    if (heard.kind === 'text') {
      const text = heard.text.replaceAll('\r\n', '\n');
      writeAll(1, visibleLines(text));
      this.#inLine = !text.endsWith('\n');
    } else complain(heard.note);
  }

  end({ end, why, status }: End): number {
    if (this.#json) return status;
    if (this.#inLine) writeAll(1, '\n');
    if (status !== 0) complain(why === undefined ? `The turn was ${end}.` : `The turn was ${end}: ${why}`);
    return status;
  }
}
