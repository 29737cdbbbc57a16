/**
 * Has a machine forget an agent that is forgotten at home, and all that it keeps of it, however long it cannot be reached (rules X3, L8):
 * a lease that has run out meanwhile is taken once more for it, and what still runs there is ended first.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { PASSING, SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import { hostedReplies } from '@skein/protocol/machines/commands';
import type { PeersState } from '@skein/protocol/peers/state';
import type { KernelApi } from '../../kernel/types.ts';
import { connected } from './connected.ts';
import type { FarLinks } from './far-links.ts';
import { GIVE_FAR, type GiveFar } from './far-words.ts';

/** Milliseconds to find a machine, between two tries, and between two looks at whether something has ended there. */
const REACH_MS = 60_000;
const AGAIN_MS = 5_000;
const LOOK_MS = 200;
/** Milliseconds that one has to end by itself. */
const GRACE_MS = 5_000;
/** Things said to one machine about one agent: an honest one needs a handful. */
const MOST = 100;

const GONE: readonly string[] = ['not_found', 'not_allowed'];
/** What may be otherwise later. */
const LATER: readonly string[] = [...PASSING, 'mailbox_full', 'storage_unavailable', 'timeout', 'internal'];

interface GivingContext {
  kernel: KernelApi;
  far: FarLinks;
}

export function registerGiving(context: GivingContext): void {
  context.kernel.registerEffect({
    kind: GIVE_FAR,
    idempotent: true,
    run: (body, { signal }) => give(context, body as GiveFar, signal),
  });
}

/** A machine that is not known here any more is not waited for. */
async function give(
  { kernel, far }: GivingContext,
  wanted: GiveFar,
  aborted: AbortSignal,
): Promise<{ given: boolean }> {
  const peer = far.peer(wanted.peer);
  try {
    for (;;) {
      try {
        if (!(await isKnown(kernel, wanted.peer))) return { given: false };
        return { given: await forgotten(await connected(peer, REACH_MS, aborted), wanted, aborted) };
      } catch (thrown) {
        if (aborted.aborted) throw thrown;
        if (!LATER.includes(SkeinError.from(thrown).code)) return { given: false };
        await sleep(AGAIN_MS, undefined, { signal: aborted });
      }
    }
  } finally {
    far.letGo(peer);
  }
}

async function isKnown(kernel: KernelApi, peer: string): Promise<boolean> {
  if (kernel.head('peers') === undefined) return false;
  const { state } = await kernel.state<PeersState>('peers');
  return Object.hasOwn(state.known, peer);
}

/** Whether it is; false where somebody else commands it, or its grant is gone: then it is not this home's to end. */
async function forgotten(
  client: Client,
  { session, agent, ...lease }: GiveFar,
  aborted: AbortSignal,
): Promise<boolean> {
  const target = `session/${session}`;
  let { epoch, n } = lease;
  let ended = false;
  const tell = async (type: string, body: object) => {
    const told = await client.command(target, 'home.tell', { epoch, n, type, body });
    n = hostedReplies['home.tell'].parse(told).heard + 1;
  };
  for (let said = 0; said < MOST; said++) {
    try {
      if (ended) {
        const taken = await client.command(target, 'lease.take', {
          epoch: epoch + 1,
          taker: takerOf(session, epoch + 1),
        });
        n = hostedReplies['lease.take'].parse(taken).heard + 1;
        epoch += 1;
        ended = false;
      }
      await tell('agent.remove', { agent });
      // It may run yet, or something else had been told as this.
      const there = (await client.ask('session', { ref: session })).agents[agent];
      if (there !== undefined && isAlive(there)) await tell('agent.stop', { agent, grace: GRACE_MS });
    } catch (thrown) {
      const { code, data } = SkeinError.from(thrown);
      if (GONE.includes(code)) return true;
      if (code === 'out_of_order' && typeof data?.heard === 'number') n = data.heard + 1;
      else if (code !== 'lease_lost') throw thrown;
      else if (data?.epoch === epoch && data.ended !== null && data.ended !== 'revoked') ended = true;
      else if (data?.epoch === epoch + 1 && data.taker === takerOf(session, epoch + 1)) epoch += 1;
      else return false;
    }
    await sleep(LOOK_MS, undefined, { signal: aborted });
  }
  return false;
}

/** The same of the same lease, so that one that was taken before the node was ended is known again. */
function takerOf(session: string, epoch: number): string {
  return idOf(createHash('sha256').update(`give ${session} ${epoch}`).digest());
}
