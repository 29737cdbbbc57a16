/** What the relay tells Prometheus (rule R3): how much, never who. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Stats, Tally } from './stats.ts';

interface Sizes {
  nodes(): number;
  newcomers(): number;
  connections(): number;
  dials(): number;
  splices(): number;
  waiting(): number;
  /** Where it has a certificate of its own. */
  certificateEnds?(): Date;
}

const MICROSECONDS = 1e6;

/** Numbers are read when they are asked for: passing a chunk of bytes must not pay for being counted here. */
export function makeMetrics(stats: Stats, sizes: Sizes): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const tally = (name: string, help: string, label: string, { counts }: Tally) =>
    new Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [word, count] of counts) this.inc({ [label]: word }, count);
      },
    });
  gauge('skein_relay_nodes', 'Registered nodes and devices', sizes.nodes);
  gauge('skein_relay_connections', 'Open sockets', sizes.connections);
  gauge('skein_relay_newcomers', 'Sockets that have proved nothing yet', sizes.newcomers);
  gauge('skein_relay_dials', 'Dials that wait for their ends', sizes.dials);
  gauge('skein_relay_splices', 'Joined pairs', sizes.splices);
  gauge('skein_relay_waiting_bytes', 'Bytes kept for readers that are slow', sizes.waiting);
  const { certificateEnds } = sizes;
  if (certificateEnds !== undefined)
    gauge('skein_relay_certificate_end_time_seconds', 'When its TLS certificate ends', () =>
      Math.floor(certificateEnds().getTime() / 1000),
    );
  counter('skein_relay_spliced_bytes_total', 'Bytes passed on, both ways', () => stats.splicedBytes);
  tally('skein_relay_registrations_total', 'Registrations by outcome', 'outcome', stats.registrations);
  tally('skein_relay_dials_total', 'Dials by outcome', 'outcome', stats.dials);
  tally('skein_relay_splices_total', 'Splices that ended, by reason', 'reason', stats.spliceEnds);
  tally('skein_relay_turned_away_total', 'Connections turned away, by reason', 'reason', stats.turnedAway);
  // Not prom-client's own set: its watch on the event loop alone would take a part of what R4 allows an idle relay.
  gauge('process_resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'When it started', () => Date.now() / 1000 - process.uptime());
  counter('process_cpu_seconds_total', 'Processor time of the process', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS;
  });
  return registry;
}
