/** Loads as nodes tell them, for tests: three machines, names of all kinds, a far agent, a machine that is away. */
import type {
  AwayLoad,
  LoadAnswer,
  LoadedAgent,
  LoadedSession,
  NodeLoad,
  Use,
} from '@skein/protocol/machines/load';

export const NOW = 1_800_000_000_000;
const MIB = 2 ** 20;

export function use(cpu: number, mib: number): Use {
  return { cpu, memory: mib * MIB, processes: 1 };
}

let made = 0;
const id = () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  made++;
  return `${'a'.repeat(9)}${letters[Math.floor(made / 676) % 26]}${letters[Math.floor(made / 26) % 26]}${letters[made % 26]}`;
};

export function agent(name: string, more: Partial<LoadedAgent> = {}): LoadedAgent {
  return {
    ...{ agent: id(), name, definition: 'claude', doing: 'idle', turn: null, queue: 0, asks: 0 },
    ...{ tokens: { input: 0, output: 0 }, cost: {}, model: null, workspace: null, use: use(0, 100) },
    ...more,
  };
}

export function session(
  name: string,
  agents: LoadedAgent[],
  more: Partial<LoadedSession> = {},
): LoadedSession {
  return {
    ...{
      id: id(),
      name,
      state: 'running',
      created: NOW - 1_000,
      role: 'owner',
      terminal: null,
      attached: [],
      agents,
    },
    ...more,
  };
}

export function node(name: string, sessions: LoadedSession[], more: Partial<NodeLoad> = {}): NodeLoad {
  const machine = {
    ...{ cores: 8, memory: 32 * 1024 * MIB, free: 8 * 1024 * MIB, load: 2.5 },
    ...{ node: use(0.01, 80), hosts: use(0, 45) },
  };
  return { peer: `peer-${name}`, node: name, now: NOW, sessions, more: 0, ended: 2, machine, ...more };
}

export function away(load: NodeLoad, more: Partial<AwayLoad> = {}): AwayLoad {
  return { peer: load.peer, node: load.node, reachable: true, age: 0, load, ...more };
}

export function terminal(command: string, used: Use | null) {
  return { command, since: NOW - 60_000, use: used };
}

/** One of everything. */
export function manyLoads(): LoadAnswer {
  made = 0;
  const codex = agent('codex', { definition: 'codex', doing: 'working', use: null, turn: NOW - 42_000 });
  codex.far = { peer: 'peer-gpu-box', node: 'gpu-box', session: null, link: 'up', since: NOW };
  const cut = agent('far', { doing: 'working', use: null });
  cut.far = { peer: 'peer-attic', node: 'attic', session: null, link: 'down', since: NOW };
  const paid = { tokens: { input: 1_234_567, output: 8_900 }, cost: { USD: 1.2345 } };
  const here = node('laptop', [
    session(
      'api',
      [agent('claude', { doing: 'waiting', asks: 1, queue: 2, turn: NOW - 3_700_000, ...paid }), codex, cut],
      {
        attached: [
          { name: null, count: 2 },
          { name: 'Änne', count: 1 },
        ],
      },
    ),
    session('日本語のとても長い名前のセッション', [
      agent('エージェント', { doing: 'stuck', model: 'opus-4' }),
    ]),
    session('build', [], { terminal: terminal("bash -c 'while :; do :; done'", use(0.98, 3)) }),
    session('with-a-name-that-goes-on-and-on-and-on-for-sixty-three-letters-x', [], {
      terminal: terminal('vim', use(0, 12)),
    }),
    session(
      'pty',
      [agent('claude', { pty: true, doing: 'working', turn: NOW - 5_000, use: use(0.2, 310) })],
      {
        terminal: terminal('claude', use(0.2, 310)),
      },
    ),
  ]);
  const worker = session(
    'api',
    [agent('codex', { agent: codex.agent, use: use(3.2, 2_400), definition: 'codex' })],
    {
      hosted: { home: here.peer, node: 'laptop', agent: codex.agent },
    },
  );
  const gpu = node('gpu-box', [
    worker,
    session('train', [], { terminal: terminal('python train.py', use(7.9, 20_000)) }),
  ]);
  const old = node('attic', [session('sync', [agent('gemini', { definition: 'gemini' })])], {
    now: NOW - 90_000,
  });
  const error = 'attic cannot be reached now: not directly (no answer).';
  return { here, away: [away(gpu), away(old, { reachable: false, age: 90_000, error })] };
}
