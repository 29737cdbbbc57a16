/** The host's process: reads its directory, listens on its socket, and stays until its last program has ended. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { HostKind } from '@skein/protocol/host/kind';
import { readJson, writeWhole } from '../platform/files.ts';
import { OwnSocket } from '../platform/own-socket.ts';
import { startTime } from '../platform/process.ts';
import { Resting } from '../resting.ts';
import { Host } from './host.ts';

declare const __SKEIN_BUNDLE__: boolean | undefined;
declare const __SKEIN_VERSION__: string | undefined;

/** Milliseconds without a node and without a running program after which a host that nobody needs ends. */
const LONELY_MS = 10_000;

/** `plan.json`, written by the node before it starts a host. */
interface Plan {
  id: string;
  home: string;
  socket: string;
  keyHash: string;
  /** Absent: pty. */
  kind?: HostKind;
}

async function main(dir: string): Promise<void> {
  // What the terminal's or the node's end does to others must not end this one (H1).
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'] as const) process.on(signal, () => {});
  const plan = readJson(path.join(dir, 'plan.json')) as Plan | undefined;
  if (plan === undefined) throw new Error(`There is no plan.json in ${dir}.`);
  const version = typeof __SKEIN_VERSION__ === 'undefined' ? '0.0.0' : __SKEIN_VERSION__;
  const leave = () => {
    socket.close();
    server.close();
    fs.rmSync(plan.socket, { force: true });
    process.exit(0);
  };
  const bundled = typeof __SKEIN_BUNDLE__ !== 'undefined';
  const host = new Host({
    id: plan.id,
    home: plan.home,
    version,
    keyHash: plan.keyHash,
    // Programs on pipes have no screens.
    ...(bundled && plan.kind !== 'pipe'
      ? { emulator: { source: fs.readFileSync(path.join(__dirname, 'emulator-worker.cjs'), 'utf8') } }
      : {}),
    done: leave,
  });
  const server = net.createServer((socket) => host.accept(socket));
  const socket = new OwnSocket(server, plan.socket);
  await socket.open();
  const record = {
    id: plan.id,
    pid: process.pid,
    start: startTime(process.pid),
    version,
    socket: plan.socket,
    ...(plan.kind === undefined ? {} : { kind: plan.kind }),
  };
  writeWhole(path.join(dir, 'host.json'), JSON.stringify(record));
  // Whoever started this one reads the line and goes on.
  process.stdout.write('ready\n', () => process.stdout.destroy());
  new Resting().start();
  let lonely = 0;
  setInterval(() => {
    lonely = host.idle && !host.controlled && !host.readers.reading ? lonely + 1 : 0;
    if (lonely >= 2) leave();
  }, LONELY_MS / 2).unref();
}

void main(process.argv[2] ?? '.');
