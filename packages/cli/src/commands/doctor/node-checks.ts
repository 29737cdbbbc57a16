/** Checks of the node: its socket, its lock, its version, its hosts, its logs. */

import fs from 'node:fs';
import path from 'node:path';
import { nodeSocket } from '@skein/client/home';
import { isAbsent } from '@skein/client/running';
import { holderOf } from '@skein/node/platform/holder';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { DamageReport, Status } from '@skein/protocol/sessions/asks';
import { shellWord } from '@skein/protocol/text/words';
import { liveHosts } from '../../connect/hosts-on-disk.ts';
import { connectRunning } from '../../connect/node.ts';
import { isSame, OWN, releaseText } from '../../version.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkMesh } from './mesh-checks.ts';

/** Milliseconds for a node to answer. */
const ANSWER_MS = 5_000;

export async function checkNode(home: string): Promise<Check[]> {
  let client: Client;
  try {
    client = await within(connectRunning(home));
  } catch (error) {
    return [absent(home, SkeinError.from(error)), ...hostsWithoutNode(home)];
  }
  const { node } = client;
  const checks: Check[] = [ok('node', `Runs: pid ${node.pid}`), checkSocket(home)];
  checks.push(
    isSame(node, OWN)
      ? ok('version', `${releaseText(OWN)}, node and command alike`)
      : warn(
          'version',
          `The node is ${releaseText(node)}, this command ${releaseText(OWN)}`,
          'Bring them together: skein restart',
        ),
  );
  try {
    const status = await within(client.ask('status', {}));
    checks.push(...checkHosts(home, status), checkLog(status));
    const [mesh, nodes] = await within(Promise.all([client.ask('mesh', {}), client.ask('nodes', {})]));
    checks.push(...checkMesh(mesh, nodes));
  } catch (error) {
    checks.push(fail('status', SkeinError.from(error).message, 'See: skein logs'));
  }
  client.close();
  return checks;
}

function absent(home: string, error: SkeinError): Check {
  if (error.code === 'unsupported_version')
    return fail('node', error.message, 'Bring both to one version: skein restart');
  if (!isAbsent(error)) return fail('node', error.message, 'See: skein logs; then: skein restart');
  const pid = holderOf(home);
  if (pid !== undefined)
    return fail(
      'node',
      `Runs, pid ${pid}, and nobody listens at ${nodeSocket(home)}`,
      `It listens anew within seconds. If it does not: kill ${pid}`,
    );
  const stale = fs.existsSync(nodeSocket(home))
    ? ' (its socket was left behind; the next start removes it)'
    : '';
  return ok('node', `Does not run${stale}; the next command that needs it starts it`);
}

function checkSocket(home: string): Check {
  const socket = nodeSocket(home);
  const { mode } = fs.statSync(socket);
  const run = fs.statSync(path.dirname(socket)).mode;
  if ((run & 0o077) === 0 && (mode & 0o077) === 0) return ok('socket', socket);
  return fail(
    'socket',
    `${socket} is open to others`,
    `chmod 700 ${shellWord(path.dirname(socket))}; chmod 600 ${shellWord(socket)}`,
  );
}

function checkHosts(home: string, { hosts, sessions }: Status): Check[] {
  const known = new Set(hosts.map(({ pid }) => pid));
  const strangers = liveHosts(home).filter(({ pid }) => !known.has(pid));
  const old = hosts.filter(({ draining, version }) => draining || version !== OWN.version);
  const agents = hosts.filter(({ kind }) => kind === 'pipe').length;
  const what = agents === 0 ? '' : `, ${agents} of them for agents`;
  const message = `${hosts.length} with ${sessions.running} running programs${what}`;
  if (strangers.length > 0) {
    const pids = strangers.map(({ pid }) => pid).join(', ');
    return [fail('hosts', `${message}; the node cannot reach those with pid ${pids}`, 'Try: skein restart')];
  }
  if (old.length > 0)
    return [ok('hosts', `${message}; ${old.length} of other builds, which end with their programs`)];
  return [ok('hosts', message)];
}

function hostsWithoutNode(home: string): Check[] {
  const hosts = liveHosts(home);
  return hosts.length === 0 ? [] : [ok('hosts', `${hosts.length} hold programs until the node is back`)];
}

function checkLog({ log }: Status): Check {
  if (log.damaged.length === 0) return ok('log', `${log.events} events, whole`);
  return fail(
    'log',
    `Damage was found, and what was sound is kept. ${log.damaged.map(damageText).join(' ')}`,
    'What was put aside is beside the log. Look at your disk.',
  );
}

function damageText({ reason, streams, aside }: DamageReport): string {
  const lost = streams.reduce((sum, stream) => sum + stream.lost, 0);
  const cut = `${streams.length} streams were cut, with ${lost} events at least`;
  return `${reason.replace(/\.$/, '')}: ${cut}${aside.length === 0 ? '' : `; put aside: ${aside.join(', ')}`}.`;
}

function within<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new SkeinError('timeout', `The node does not answer within ${ANSWER_MS / 1000} s.`);
    const timer = setTimeout(() => reject(late), ANSWER_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
