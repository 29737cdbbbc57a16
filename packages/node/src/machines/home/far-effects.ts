/** What decisions about agents on other machines do to the world (rules X1, K4): they are admitted there, and given up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@skein/protocol/client/client';
import { PASSING, SkeinError } from '@skein/protocol/errors';
import { type HostedCommands, hostedReplies } from '@skein/protocol/machines/commands';
import type { FarPlace } from '@skein/protocol/machines/place';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Command, KernelApi } from '../../kernel/types.ts';
import type { Meshed } from '../../peers/meshed.ts';
import { connected } from './connected.ts';
import type { FarLinks } from './far-links.ts';
import {
  type FarFacts,
  GIVE_FAR,
  type GiveFar,
  PLACE_FAR,
  type PlacedFar,
  type PlaceFar,
} from './far-words.ts';
import { registerGiving } from './giving-back.ts';

/** Milliseconds to reach a machine that was never asked; and between two tries of one that may have been. */
const REACH_MS = 15_000;
const AGAIN_MS = 500;

interface FarEffectsContext {
  kernel: KernelApi;
  meshed: Meshed;
  far: FarLinks;
  /** Hands a workspace of this machine over, over a connection to the machine that is to have it. */
  handOver(
    client: Client,
    wanted: PlaceFar & { there: { workspace: string } },
    aborted: AbortSignal,
  ): Promise<FarPlace>;
}

export function registerFarEffects(context: FarEffectsContext): void {
  const { kernel } = context;
  kernel.registerEffect({
    kind: PLACE_FAR,
    idempotent: true,
    run: (body, { resumed, signal }) => place(context, body as PlaceFar, resumed, signal),
  });
  registerGiving(context);
}

/** The machine that a command names is one that is known here. */
export function farFacts(meshed: Meshed, { type, body }: Command): FarFacts | undefined {
  if (type !== 'agent.add' && type !== 'session.open') return undefined;
  const spec = type === 'agent.add' ? body : (body as { agent?: unknown } | null)?.agent;
  const on = (spec as { on?: unknown } | null | undefined)?.on;
  if (on === undefined) return undefined;
  const { known } = meshed.state;
  if (typeof on !== 'string' || !Object.hasOwn(known, on)) return {};
  return { far: { peer: on, node: known[on]?.name ?? on } };
}

/**
 * Has it admitted. One that cannot be reached at all fails soon; where it may have been admitted already it is asked again until that is
 * known, since the same asked again is the same as once; unless somebody has said that it is to stop: one that nobody commands there
 * loses its lease.
 */
async function place(
  context: FarEffectsContext,
  wanted: PlaceFar,
  resumed: boolean,
  aborted: AbortSignal,
): Promise<PlacedFar> {
  const { kernel, far } = context;
  const target = `session/${wanted.session}`;
  let sent = resumed;
  let tried = false;
  // A workspace is handed over for longer than many a connection holds: it goes on with the next.
  let handing = false;
  try {
    for (;;) {
      if (aborted.aborted) throw new SkeinError('node_unreachable', 'The node is going down.');
      const { state } = await kernel.state<SessionState>(target);
      const agent = state.agents[wanted.agent];
      if (agent?.run?.run !== wanted.run || (agent.stopping && (tried || !sent))) {
        if (sent) await giveUp(kernel, wanted);
        throw calledOff();
      }
      try {
        // One that nobody needed between two tries is not used again.
        const client = await connected(far.peer(wanted.peer), REACH_MS, aborted);
        handing = 'workspace' in wanted.there;
        const asked = await askOf(context, client, wanted, aborted);
        // Somebody may have called it off while that machine was waited for.
        if (!sent && !(await isWanted(kernel, wanted))) throw calledOff();
        sent = true;
        const told = await client.command('node', 'hosted.place', asked).catch((thrown) => {
          throw saidThere(nameOf(context.meshed, wanted.peer), SkeinError.from(thrown));
        });
        const { id, ...placed } = hostedReplies['hosted.place'].parse(told);
        far.admitted(wanted.agent);
        return { session: id, ...placed, agent: wanted.agent, peer: wanted.peer };
      } catch (thrown) {
        const error = SkeinError.from(thrown);
        tried = true;
        const again = sent || handing;
        if (!again || !PASSING.includes(error.code)) throw plainly(context.meshed, wanted, error);
        await sleep(AGAIN_MS, undefined, { signal: aborted }).catch(() => {});
      }
    }
  } finally {
    far.letGo(far.peer(wanted.peer));
  }
}

async function isWanted(kernel: KernelApi, { session, agent: id, run }: PlaceFar): Promise<boolean> {
  const { state } = await kernel.state<SessionState>(`session/${session}`);
  const agent = state.agents[id];
  return agent?.run?.run === run && !agent.stopping;
}

/** It may be there all the same: that machine is told for as long as that takes. */
async function giveUp(kernel: KernelApi, { peer, hosted: session, agent }: PlaceFar): Promise<void> {
  const body: GiveFar = { peer, session, agent, epoch: 1, n: 1 };
  const reply = await kernel.submit(NODE_ITSELF, { target: 'node', type: GIVE_FAR, body });
  if (!reply.ok) throw SkeinError.fromBody(reply.error);
}

function calledOff(): SkeinError {
  return new SkeinError('gone', 'This agent is not to be started any more.');
}

const nameOf = ({ state }: Pick<Meshed, 'state'>, peer: string): string => state.known[peer]?.name ?? peer;

/** What that machine has no room for is not to be looked for here. */
export function saidThere(node: string, error: SkeinError): SkeinError {
  if (error.code !== 'storage_unavailable') return error;
  return new SkeinError(error.code, `On ${node}: ${error.message}`, error.data);
}

/** A machine that has granted nothing says no more than that: what to type there. */
function plainly({ id, state }: Meshed, { peer, definition }: PlaceFar, error: SkeinError): SkeinError {
  if (error.code !== 'not_allowed') return error;
  return new SkeinError(
    'not_granted',
    `${nameOf({ state }, peer)} has not granted this machine any agents. Its user can: skein grant ${id} --agents ${definition} --dirs DIR`,
    { rule: 'X1' },
  );
}

async function askOf(
  context: FarEffectsContext,
  client: Client,
  wanted: PlaceFar,
  aborted: AbortSignal,
): Promise<HostedCommands['hosted.place']> {
  const { session, name, agent, run, definition, called, args, mode, model, taker, hosted, there, direct } =
    wanted;
  const place = 'workspace' in there ? await context.handOver(client, { ...wanted, there }, aborted) : there;
  return {
    ...{ id: hosted, node: context.meshed.name, session, name, agent, run, definition, called, place, taker },
    ...(args.length === 0 ? {} : { args }),
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    ...(direct === undefined ? {} : { direct }),
  };
}
