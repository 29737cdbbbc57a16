/** Two nodes as installed that listen nowhere, and a relay between them: a session of the one, attached to from the other. */
import { spawnSync } from 'node:child_process';
import type { Contestant, MaybeContestant } from './contestant.ts';
import { type Pinning, pinned, pinProcess } from './machine.ts';
import { type RelayProcess, relayDirectory, startRelay } from './relay.ts';
import { LAUNCHER, type Skein, skein } from './skein.ts';

export function relayed(pinning: Pinning): MaybeContestant {
  const home = skein(pinning);
  const away = skein(pinning);
  if (home.use === undefined || away.use === undefined)
    return { missing: home.missing ?? away.missing ?? 'no' };
  return { use: between(home.use, away.use, pinning) };
}

function between(home: Skein, away: Skein, pinning: Pinning): Contestant {
  const refs = new Map<string, string>();
  let relay: RelayProcess | undefined;
  const open = async () => {
    relay = await startRelay(relayDirectory(), 0);
    pinProcess(relay.pid, pinning);
    for (const node of [home, away]) {
      await node.cli('mesh', '--on', '--listen', 'none', '--relay', relay.url);
      await node.status();
    }
  };
  return {
    name: 'skein, relayed',
    async start(session, argv) {
      await home.start(session, argv);
      if (relay === undefined) await open();
      const shared = await home.cli('share', session, '--role', 'operator', '--json');
      refs.set(session, join(away, (JSON.parse(shared) as { ticket: string }).ticket, pinning));
      await onlyRelayed(away);
    },
    attach: (session) => away.attachWith(refs.get(session) ?? session),
    stop() {
      away.stop();
      home.stop();
      relay?.stop();
    },
  };
}

/** What names the session from now on. The ticket is a secret: it goes by stdin. */
function join(away: Skein, ticket: string, pinning: Pinning): string {
  const [command, words] = pinned(pinning, LAUNCHER, ['join', '-', '--json']);
  const { status, stdout, stderr } = spawnSync(command, words, {
    env: away.env,
    input: ticket,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`join ended with ${status}: ${stderr.trim()}`);
  return (JSON.parse(stdout) as { ref: string }).ref;
}

/** A direct path would be another measurement. */
async function onlyRelayed(node: Skein): Promise<void> {
  const peers = JSON.parse(await node.cli('nodes', '--json')) as { path?: string | null }[];
  const other = peers.find(({ path }) => typeof path === 'string' && path !== 'relayed');
  if (other !== undefined) throw new Error(`the path is ${other.path}, not relayed`);
}
