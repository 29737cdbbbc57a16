/** P8: 64 KiB writes through our relay, beside libp2p without a relay and libp2p's own relay, and what each costs its relay. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { NODE_FLAGS, PASSING_MALLOC } from '@skein/node/flags';
import { cpuSeconds, relayDirectory, startRelay } from './lib/relay.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { median, orNone } from './lib/stats.ts';
import { atEnd, killQuietly } from './lib/teardown.ts';
import { plainEnvironment } from './lib/terminal.ts';

const ROUNDS = 5;
const MB = 1e6;
const ECHOES = 300;

export const p8: Family = { ids: ['P8'], run: runRelayed };

/** A link under measurement: what its source says, and its relay's process. */
interface Link {
  name: string;
  source: End;
  relay: number | undefined;
  /** MB/s, and relay's seconds of processor a GB, of each round; µs of each echo. */
  rates: number[];
  costs: number[];
  echoes: number[];
}

async function runRelayed({ quick, say }: BenchOptions): Promise<Row[]> {
  const bytes = (quick ? 128 : 512) * 1024 * 1024;
  const notes: string[] = [];
  const links: Link[] = [];
  const found: Record<string, Link | undefined> = {};
  for (const [name, open] of Object.entries(LINKS)) {
    say(`P8 opening ${name}`);
    try {
      const link = { name, ...(await open()), rates: [], costs: [], echoes: [] };
      links.push(link);
      found[name] = link;
      await link.source.ask(`send ${16 * 1024 * 1024}`);
    } catch (error) {
      notes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const link of links) {
      say(`P8 ${link.name}, round ${round + 1} of ${ROUNDS}`);
      try {
        await measure(link, bytes);
      } catch (error) {
        notes.push(`${link.name}: ${error instanceof Error ? error.message : String(error)}`);
        links.splice(links.indexOf(link), 1);
      }
    }
  }
  return rowsOf(found, notes);
}

const LINKS: Record<string, () => Promise<{ source: End; relay: number | undefined }>> = {
  relayed: async () => {
    const relay = await startRelay(relayDirectory(), 0);
    const sink = await End.start('mesh', 'sink', relay.url);
    return { source: await End.start('mesh', 'source', sink.said), relay: relay.pid };
  },
  'mesh, direct': async () => {
    const sink = await End.start('mesh', 'sink');
    return { source: await End.start('mesh', 'source', sink.said), relay: undefined };
  },
  'libp2p, direct': async () => {
    const sink = await End.start('stream', 'sink');
    return { source: await End.start('stream', 'source', sink.said), relay: undefined };
  },
  'circuit-relay-v2': async () => {
    const relay = await End.start('circuit', 'relay');
    const sink = await End.start('circuit', 'sink', relay.said);
    return { source: await End.start('circuit', 'source', sink.said), relay: relay.pid };
  },
};

async function measure(link: Link, bytes: number): Promise<void> {
  const before = link.relay === undefined ? 0 : cpuSeconds(link.relay);
  const took = Number(await link.source.ask(`send ${bytes}`));
  link.rates.push(bytes / MB / (took / 1000));
  if (link.relay !== undefined) link.costs.push((cpuSeconds(link.relay) - before) / (bytes / 1e9));
  link.echoes.push(...(await link.source.ask(`echo ${ECHOES}`)).split(' ').map(Number));
}

function rowsOf(found: Record<string, Link | undefined>, notes: string[]): Row[] {
  const rate = (name: string) => orNone(found[name]?.rates ?? [], median);
  const cost = (name: string) => orNone(found[name]?.costs ?? [], median);
  const echo = (name: string) => orNone(found[name]?.echoes ?? [], median);
  const extra: Record<string, number> = {};
  const tell = (what: string, value: number | undefined) => {
    if (value !== undefined) extra[what] = value;
  };
  tell('a tunnel without relay MB/s', rate('mesh, direct'));
  for (const name of Object.keys(LINKS)) tell(`echo p50 µs, ${name}`, echo(name));
  const common = { id: 'P8', notes };
  return [
    row({
      ...common,
      what: 'relayed bytes, 64 KiB writes; peer libp2p without a relay',
      unit: 'MB/s',
      ours: rate('relayed'),
      peer: rate('libp2p, direct'),
      target: '≥ 0.7×',
      met: (_, ratio) => ratio >= 0.7,
      extra,
    }),
    row({
      ...common,
      what: 'relayed bytes, 64 KiB writes; peer circuit-relay-v2',
      unit: 'MB/s',
      ours: rate('relayed'),
      peer: rate('circuit-relay-v2'),
      target: '≥ 3×',
      met: (_, ratio) => ratio >= 3,
    }),
    row({
      ...common,
      what: "relay's processor time a GB; peer circuit-relay-v2",
      unit: 's',
      ours: cost('relayed'),
      peer: cost('circuit-relay-v2'),
      target: '≤ 0.15×',
      met: (_, ratio) => ratio <= 0.15,
    }),
  ];
}

const PROGRAM = join(import.meta.dirname, 'lib/link-end.ts');
/** Milliseconds for any answer. */
const ANSWER_MS = 120_000;

/** One process of a link. */
class End {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  /** Its first line. */
  said = '';

  private constructor(words: string[]) {
    // Ours as a node is run.
    const [flags, malloc] = words[0] === 'mesh' ? [NODE_FLAGS, PASSING_MALLOC] : [[], {}];
    this.#child = spawn(process.execPath, [...flags, PROGRAM, ...words], {
      env: { ...plainEnvironment(), ...malloc },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    atEnd(() => killQuietly(this.pid));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#wake?.();
    });
    this.#child.once('exit', () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  static async start(...words: string[]): Promise<End> {
    const end = new End(words);
    end.said = await end.#line();
    return end;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    return await this.#line();
  }

  async #line(): Promise<string> {
    const late = setTimeout(() => {
      this.#ended = true;
      this.#wake?.();
    }, ANSWER_MS);
    while (this.#lines.length === 0) {
      if (this.#ended) throw new Error('it ended, or said nothing for two minutes');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(late);
    return this.#lines.shift() as string;
  }
}
