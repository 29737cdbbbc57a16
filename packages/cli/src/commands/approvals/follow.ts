/** Tells of each question when it comes, and when it is settled, for as long as it is wanted. */
import type { Client } from '@skein/protocol/client/client';
import type { AgentPlace } from '../../agents/named.ts';
import { PATIENCE_MS } from '../../agents/open.ts';
import { joinedNodes, ofAgent, type Waiting } from '../../agents/waiting-approvals.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { paintFor } from '../../output/paint.ts';
import { complain, print, printJson, writeAll } from '../../output/write.ts';
import { askedLine, notification, whose } from './table.ts';

/** Milliseconds for which one question to the node may stand. */
const WAIT_MS = 30_000;

export async function follow(
  call: Call,
  client: Client,
  of: Partial<AgentPlace>,
  all: boolean,
): Promise<void> {
  const out = new Teller(call);
  const places: Promise<void>[] = [watch(client, of, out)];
  if (all)
    for (const node of await joinedNodes(client))
      places.push(
        connectNode(call.home, { node, retryFor: PATIENCE_MS })
          .then((one) => watch(one, { node }, out))
          .catch((error: Error) => complain(`${node} is not asked any more: ${error.message}`)),
      );
  await Promise.all(places);
}

async function watch(client: Client, { node, ref, agent }: Partial<AgentPlace>, out: Teller): Promise<void> {
  let since: number | undefined;
  let before = new Map<string, Waiting>();
  for (;;) {
    const answer = await client.ask('approvals', {
      ...(ref === undefined ? {} : { ref }),
      ...(since === undefined ? {} : { since, wait: WAIT_MS }),
    });
    const waiting = ofAgent(answer.approvals, agent).map((one) => ({ ...one, node: node ?? null }));
    const now = new Map(waiting.map((one) => [one.approval, one]));
    for (const [id, one] of before) if (!now.has(id)) await out.settled(client, one);
    for (const [id, one] of now) if (!before.has(id)) out.asked(one, [...now.keys()], since !== undefined);
    since = answer.n;
    before = now;
  }
}

class Teller {
  readonly #json: boolean;
  readonly #paint;
  readonly #rings: boolean;

  constructor(call: Call) {
    this.#json = call.json;
    this.#paint = paintFor(call.flag('no-color'));
    this.#rings = !call.json && isTerminal(1);
  }

  /** `fresh`: it has come while it was watched for. */
  asked(one: Waiting, all: readonly string[], fresh: boolean): void {
    if (this.#json) return printJson({ asked: one });
    print(askedLine(one, all, this.#paint));
    if (fresh && this.#rings) writeAll(1, notification(`${whose(one)} asks`, one.title));
  }

  async settled(client: Client, one: Waiting): Promise<void> {
    const { approval, session, node } = one;
    if (this.#json) return printJson({ settled: { approval, session, node } });
    const how = await outcomeOf(client, one);
    print(
      this.#paint.dim(
        `          ${approval.slice(0, 4)}${approval.slice(approval.lastIndexOf('.'))}  ${how}`,
      ),
    );
  }
}

/** How it was settled, as far as the session still knows. */
async function outcomeOf(client: Client, { session, approval }: Waiting): Promise<string> {
  const { whoText } = await import('../../agents/who-text.ts');
  try {
    const { approvals, settled } = await client.ask('session', { ref: session });
    const was = settled.find((one) => one.approval === approval);
    const answered = was?.answered ?? approvals[approval]?.answered;
    if (answered === undefined || answered === null) return was?.how ?? 'settled';
    return `${answered.outcome} by ${answered.rule ?? whoText(answered.by)}`;
  } catch {
    return 'settled';
  }
}
