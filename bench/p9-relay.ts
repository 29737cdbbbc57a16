/** P9 at the relay, and R4: what thousands of idle nodes cost it, and how soon they are in, also after a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pss } from './lib/memory.ts';
import { cpuSeconds, relayDirectory, startNodes, startRelay } from './lib/relay.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';

const NODES = 2_000;
/** Milliseconds for garbage to be collected, and those over which idle work is counted. */
const SETTLE_MS = 20_000;
const IDLE_MS = 20_000;

export const p9Relay: Family = { ids: ['P9', 'R4'], run: runRelay };

interface Figures {
  empty: number;
  each: number;
  cpu: number;
  admitted: number;
  back: number;
}

async function runRelay({ quick, say }: BenchOptions): Promise<Row[]> {
  let found: Figures | undefined;
  let note: string | undefined;
  try {
    found = await measure(quick, say);
  } catch (error) {
    note = `relay: ${error instanceof Error ? error.message : String(error)}`;
  }
  const common = { peer: undefined, alone: true, notes: [note] };
  return [
    row({
      ...common,
      id: 'P9',
      what: `PSS of each idle node of ${NODES} at the relay`,
      unit: 'kB',
      ours: found && found.each / 1e3,
      target: '≤ 25 kB',
      met: (value) => value <= 25,
      extra: found === undefined ? {} : { 'the empty relay MB': found.empty / 1e6 },
    }),
    row({
      ...common,
      id: 'R4',
      what: `relay's processor time, ${NODES} idle nodes with their beats`,
      unit: '% of a core',
      ours: found && found.cpu * 100,
      target: '≤ 2 %',
      met: (value) => value <= 2,
    }),
    row({
      ...common,
      id: 'R4',
      what: `a restart of the relay, until ${NODES} nodes are back`,
      unit: 'ms',
      ours: found?.back,
      target: 'told',
      met: () => true,
      extra: found === undefined ? {} : { 'to admit them all, ms': found.admitted },
    }),
  ];
}

async function measure(quick: boolean, say: (line: string) => void): Promise<Figures> {
  const dir = relayDirectory();
  const relay = await startRelay(dir, 0);
  const settle = quick ? SETTLE_MS / 4 : SETTLE_MS;
  say('P9 the empty relay');
  await sleep(settle / 4);
  const empty = memory(relay.pid);
  say(`P9 admitting ${NODES} nodes`);
  const nodes = startNodes(relay.url, NODES);
  const admitted = await nodes.all();
  say('P9 idle nodes');
  await sleep(settle);
  const idleMs = quick ? IDLE_MS / 2 : IDLE_MS;
  const before = cpuSeconds(relay.pid);
  await sleep(idleMs);
  const cpu = (cpuSeconds(relay.pid) - before) / (idleMs / 1000);
  const full = memory(relay.pid);
  say('P9 a restart of the relay');
  relay.stop();
  await relay.ended;
  const next = await startRelay(dir, relay.port);
  const back = await nodes.all();
  nodes.stop();
  next.stop();
  return { empty, each: (full - empty) / NODES, cpu, admitted, back };
}

function memory(pid: number): number {
  const bytes = pss([pid]);
  if (bytes === undefined) throw new Error('the system does not tell memory');
  return bytes;
}
