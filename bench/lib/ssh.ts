/** `ssh -J`: two servers of OpenSSH on loopback, with keys of their own; the first is jumped through to the second. */
import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { findProgram } from '../../test/support/programs.ts';
import type { Contestant, MaybeContestant } from './contestant.ts';
import { type Pinning, pinned } from './machine.ts';
import { atEnd, killQuietly } from './teardown.ts';
import { plainEnvironment, Terminal } from './terminal.ts';

/** Where Debian keeps it, which is in few people's PATH. */
const SERVER = '/usr/sbin/sshd';
/** A server of root's insists on it; Debian's unit makes it, and where that never ran it is absent. */
const PRIVSEP = '/run/sshd';
/** Milliseconds for a server to answer. */
const READY_MS = 10_000;

export function sshJump(pinning: Pinning): MaybeContestant {
  const server = existsSync(SERVER) ? SERVER : findProgram('sshd');
  const absent = [
    ...(server === undefined ? ['sshd'] : []),
    ...['ssh', 'ssh-keygen'].filter((name) => findProgram(name) === undefined),
  ];
  if (server === undefined || absent.length > 0)
    return { missing: `ssh -J: not installed: ${absent.join(', ')} (Debian's openssh-server and -client)` };
  return { use: newJump(server, pinning) };
}

function newJump(server: string, pinning: Pinning): Contestant {
  const directory = mkdtempSync('/tmp/skb-ssh-');
  const at = (name: string) => join(directory, name);
  const env = plainEnvironment();
  const programs = new Map<string, readonly string[]>();
  const stops: (() => void)[] = [];
  const stop = atEnd(() => {
    for (const one of stops.reverse()) one();
    rmSync(directory, { recursive: true, force: true });
  });
  const open = async () => {
    stops.push(separation());
    for (const key of ['host', 'user'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', at(key)], { env });
    const ports = { host1: await freePort(), host2: await freePort() };
    writeFileSync(at('ssh_config'), clientConfig(directory, ports));
    for (const [name, port] of Object.entries(ports)) {
      writeFileSync(at(name), serverConfig(directory, port));
      const [command, words] = pinned(pinning, server, ['-D', '-e', '-f', at(name)]);
      const child = spawn(command, words, { env, stdio: ['ignore', 'ignore', 'ignore'] });
      stops.push(() => killQuietly(child.pid as number, 'SIGTERM'));
    }
    await answering(() => spawnSync('ssh', jumpTo(at('ssh_config'), ['true']), { env, timeout: READY_MS }));
  };
  return {
    name: 'ssh -J',
    async start(session, argv) {
      if (programs.size === 0) await open();
      programs.set(session, argv);
    },
    // Nothing is kept there: the program begins with the terminal.
    attach: (session) =>
      new Terminal('ssh', jumpTo(at('ssh_config'), programs.get(session) ?? []), { pinning, env }),
    stop,
  };
}

/** Makes what a server of root's needs, and returns how that is undone. */
function separation(): () => void {
  if (process.getuid?.() !== 0 || existsSync(PRIVSEP)) return () => {};
  mkdirSync(PRIVSEP, { mode: 0o755 });
  return () => rmdirSync(PRIVSEP);
}

/** `-tt`: with a terminal there, although a command is named. */
function jumpTo(config: string, argv: readonly string[]): string[] {
  return ['-F', config, '-tt', '-J', 'host1', 'host2', `exec ${argv.map(quoted).join(' ')}`];
}

/** What it is told to run goes to a shell there, as one line. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function answering(ask: () => SpawnSyncReturns<Buffer>): Promise<void> {
  const late = performance.now() + READY_MS;
  for (;;) {
    const { status, stderr } = ask();
    if (status === 0) return;
    if (performance.now() > late) throw new Error(`does not get there: ${String(stderr).trim().slice(-300)}`);
    await sleep(100);
  }
}

/** Runs as whoever runs the benchmarks, and admits nobody but the key made for it. */
function serverConfig(directory: string, port: number): string {
  return lines({
    ListenAddress: '127.0.0.1',
    Port: port,
    HostKey: join(directory, 'host'),
    PidFile: 'none',
    AuthorizedKeysFile: join(directory, 'user.pub'),
    // The directory lies in /tmp, which others may write to.
    StrictModes: 'no',
    AuthenticationMethods: 'publickey',
    PermitRootLogin: 'prohibit-password',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    UsePAM: 'no',
    PrintMotd: 'no',
    PrintLastLog: 'no',
  });
}

function clientConfig(directory: string, ports: Record<string, number>): string {
  const hosts = Object.entries(ports).map(([name, port]) =>
    lines({ Host: name, HostName: '127.0.0.1', Port: port }),
  );
  const all = lines({
    Host: '*',
    User: userInfo().username,
    IdentityFile: join(directory, 'user'),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    // The servers' key was made a moment ago, and what they hear is worth nothing.
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
    ControlMaster: 'no',
    // A key in this many pieces a second would otherwise be hidden among others (OpenSSH 9.5 and later), which is not what is compared.
    IgnoreUnknown: 'ObscureKeystrokeTiming',
    ObscureKeystrokeTiming: 'no',
  });
  return [...hosts, all].join('');
}

const lines = (options: Record<string, string | number>) =>
  `${Object.entries(options)
    .map(([name, value]) => `${name} ${value}`)
    .join('\n')}\n`;
