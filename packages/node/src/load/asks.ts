/** Answers `load`: what runs on this machine and what that takes, to each as much of it as they may see; and what others tell of theirs. */
import os from 'node:os';
import { SkeinError } from '@skein/protocol/errors';
import {
  type LoadAnswer,
  type LoadAsks,
  MAX_LOAD,
  MAX_LOADED,
  type NodeLoad,
  type Use,
  within,
} from '@skein/protocol/machines/load';
import type { Role } from '@skein/protocol/members/roles';
import { standingOf } from '@skein/protocol/members/state';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { HostPool } from '../hosts/pool.ts';
import { sessionAnswer } from '../members/answers.ts';
import type { Principal } from '../members/principal.ts';
import { addressOf, type Meshed } from '../peers/meshed.ts';
import type { Handlers } from '../sessions/ask-call.ts';
import type { Sessions } from '../sessions/service.ts';
import { FarLoads, type FarNode } from './far-loads.ts';
import { Sampler } from './sampler.ts';
import { rootsIn, sessionLoad } from './session-load.ts';
import type { Root } from './trees.ts';

/** Characters of a whole answer, as JSON: less than a frame has room for. */
const MAX_ANSWER = 768 * 1024;
/** Milliseconds that other nodes are waited for unless the one who asks says otherwise. */
const WAIT_MS = 1_000;

const NOTHING: Use = { cpu: 0, memory: 0, processes: 0 };

interface LoadContext {
  sessions: Sessions;
  hosts: HostPool;
  meshed: Meshed;
  version: string;
}

export function loadHandlers(context: LoadContext): Handlers<keyof LoadAsks> {
  const { meshed, version } = context;
  const sampler = new Sampler();
  const far = new FarLoads(() => meshed.mesh, version);
  return {
    async load({ everywhere = false, wait = WAIT_MS }, { by }): Promise<LoadAnswer> {
      if (everywhere && by.kind !== 'owner')
        throw new SkeinError(
          'not_allowed',
          'What runs on other machines is told to the user of this one alone.',
        );
      const live = await liveSessions(context.sessions);
      const others = everywhere ? far.loads(farNodes(meshed, live), wait) : [];
      const here = await loadHere(context, sampler, live, by);
      let room = MAX_ANSWER - JSON.stringify(here).length;
      const away = (await others).map((one) => {
        if (one.load === undefined) return one;
        const load = within(one.load, Math.min(MAX_LOAD, Math.max(0, room)));
        room -= JSON.stringify(load).length;
        return { ...one, load };
      });
      return { here, away };
    },
  };
}

/** Those that run, or will again by themselves, the newest first. */
async function liveSessions(sessions: Sessions): Promise<SessionState[]> {
  const live = (await sessions.list()).filter(isLive).reverse();
  return Promise.all(live.slice(0, MAX_LOADED).map(({ id }) => sessions.session(id)));
}

function isLive({ state }: Listed): boolean {
  return state === 'running' || state === 'starting';
}

async function loadHere(
  { sessions, hosts, meshed }: LoadContext,
  sampler: Sampler,
  live: readonly SessionState[],
  by: Principal,
): Promise<NodeLoad> {
  const hostRoots = hosts.list().map(({ pid }): Root => ({ pid }));
  const uses = await sampler.uses(async () => [{ pid: process.pid }, ...hostRoots, ...live.flatMap(rootsIn)]);
  const seen = (await sessions.list()).filter(
    ({ devices }) => by.kind === 'owner' || Object.hasOwn(devices, by.device),
  );
  const shown = live.flatMap((state) => {
    const role = roleIn(by, state);
    if (role === undefined) return [];
    const { who = [], typed } = sessions.presence(state.run?.run ?? '') ?? {};
    const { attached } = sessionAnswer(state, by, { who, typist: typed?.who });
    return [sessionLoad(state, { role, attached, uses })];
  });
  const running = seen.filter(isLive).length;
  const load: NodeLoad = {
    ...{ peer: meshed.id, node: meshed.name, now: Date.now(), sessions: shown },
    ...{ more: Math.max(0, running - shown.length), ended: seen.length - running },
    ...(shown.some(({ role }) => role === 'owner') || by.kind === 'owner'
      ? { machine: machineOf(uses, hostRoots) }
      : {}),
  };
  return within(load, by.kind === 'owner' ? MAX_ANSWER : MAX_LOAD);
}

function roleIn(by: Principal, state: SessionState): Role | undefined {
  return by.kind === 'owner' ? 'owner' : standingOf(state, by.device)?.role;
}

function machineOf(uses: ReadonlyMap<number, Use>, hosts: readonly Root[]): NodeLoad['machine'] {
  const of = ({ pid }: Root) => uses.get(pid) ?? NOTHING;
  const all = hosts.map(of).reduce(
    (sum, { cpu, memory, processes }) => ({
      cpu: sum.cpu + cpu,
      memory: sum.memory + memory,
      processes: sum.processes + processes,
    }),
    NOTHING,
  );
  const [minute = 0] = os.loadavg();
  return {
    cores: os.availableParallelism(),
    memory: os.totalmem(),
    free: os.freemem(),
    load: minute,
    node: of({ pid: process.pid }),
    hosts: all,
  };
}

/** The nodes of joined sessions, and those that run agents of sessions here. */
function farNodes({ state, id }: Meshed, live: readonly SessionState[]): FarNode[] {
  const running = new Set(live.flatMap(({ far }) => Object.values(far).map(({ peer }) => peer)));
  return Object.values(state.known)
    .filter(({ peer, sessions }) => peer !== id && (Object.keys(sessions).length > 0 || running.has(peer)))
    .map((known) => ({ peer: known.peer, node: known.name, to: addressOf(known) }));
}
