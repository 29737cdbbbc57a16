/** P9: memory of an idle node with its hosts, and of each further idle session, its program apart; tmux beside it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Side } from './lib/attempt.ts';
import { MEBIBYTE, pss } from './lib/memory.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { openSessions } from './lib/sessions.ts';
import { type Skein, skein } from './lib/skein.ts';
import { type Tmux, tmux } from './lib/tmux.ts';

/** With the first one they fill one host; what a further host costs is told beside. */
const SESSIONS = 31;

/** Milliseconds for screens to be put to disk and garbage to be collected, which V8 does when it finds time. */
const SETTLE_MS = 30_000;

export const p9: Family = { ids: ['P9'], run: runMemory };

interface Memory {
  idle: number | undefined;
  each: number | undefined;
  hosts?: number;
  host?: number;
}

async function runMemory({ quick, say }: BenchOptions): Promise<Row[]> {
  const settle = quick ? 7_000 : SETTLE_MS;
  const product = skein('all');
  const peer = tmux('all');
  const ours = new Side('skein', product);
  const theirs = new Side('tmux', peer);
  say('P9 skein');
  const mine = await ours.attempt(() => memoryOfSkein(product.use as Skein, settle));
  say('P9 skein with the mesh');
  const another = skein('all');
  const third = new Side('skein', another);
  const meshed = await third.attempt(() => memoryWithMesh(another.use as Skein, settle));
  third.stop();
  say('P9 tmux');
  const other = await theirs.attempt(() => memoryOfTmux(peer.use as Tmux, settle));
  ours.stop();
  theirs.stop();
  const notes = [ours.note, theirs.note];
  return [
    row({
      id: 'P9',
      what: 'PSS of an idle node and its host; peer tmux',
      unit: 'MiB',
      ours: inMebibytes(mine?.idle),
      peer: inMebibytes(other?.idle),
      target: '≤ 150 MB',
      met: (value) => value * MEBIBYTE <= 150e6,
      alone: true,
      notes,
    }),
    row({
      id: 'P9',
      what: 'the same with the mesh on',
      unit: 'MiB',
      ours: inMebibytes(meshed),
      peer: undefined,
      target: '≤ 220 MB',
      met: (value) => value * MEBIBYTE <= 220e6,
      alone: true,
      notes: [third.note],
    }),
    row({
      id: 'P9',
      what: `each idle session of ${SESSIONS}, its program apart; peer tmux`,
      unit: 'MiB',
      ours: inMebibytes(mine?.each),
      peer: inMebibytes(other?.each),
      target: '≤ 0.3 MB',
      met: (value) => value * MEBIBYTE <= 0.3e6,
      alone: true,
      extra:
        mine?.host === undefined
          ? {}
          : { hosts: mine.hosts ?? 0, 'a further host MiB': mine.host / MEBIBYTE },
      notes,
    }),
  ];
}

const inMebibytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / MEBIBYTE);

async function memoryOfSkein(product: Skein, settle: number): Promise<Memory> {
  await openSessions(product, 0, 1);
  const measure = async () => {
    await sleep(settle);
    const { pid, hosts } = await product.status();
    return { bytes: pss([pid, ...hosts.map((host) => host.pid)]), hosts: hosts.length };
  };
  const idle = await measure();
  await openSessions(product, 1, SESSIONS + 1);
  const full = await measure();
  await openSessions(product, SESSIONS + 1, SESSIONS + 2);
  const more = await measure();
  const host =
    idle.bytes === undefined || full.bytes === undefined || more.bytes === undefined
      ? {}
      : { host: more.bytes - full.bytes };
  return { idle: idle.bytes, each: share(idle.bytes, full.bytes), hosts: full.hosts, ...host };
}

async function memoryWithMesh(product: Skein, settle: number): Promise<number | undefined> {
  await openSessions(product, 0, 1);
  await product.cli('mesh', '--on');
  await sleep(settle);
  const { pid, hosts } = await product.status();
  return pss([pid, ...hosts.map((host) => host.pid)]);
}

async function memoryOfTmux(peer: Tmux, settle: number): Promise<Memory> {
  await peer.start('idle-0', ['sleep', '86400']);
  const pid = peer.serverPid();
  await sleep(settle / 4);
  const idle = pss([pid]);
  for (let n = 1; n <= SESSIONS; n++) await peer.start(`idle-${n}`, ['sleep', '86400']);
  await sleep(settle / 4);
  return { idle, each: share(idle, pss([pid])) };
}

function share(idle: number | undefined, full: number | undefined): number | undefined {
  return idle === undefined || full === undefined ? undefined : (full - idle) / SESSIONS;
}
