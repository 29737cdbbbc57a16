/** The relay, whole: what `skein-relay` and `skein relay serve` start (rules R1–R4). */
import { SkeinError } from '@skein/protocol/errors';
import { formatRelayAddress } from '@skein/protocol/relay/address';
import type { Logger } from 'pino';
import { Admission, type AdmissionOptions } from './admission.ts';
import { Certificate, type CertificateFiles } from './certificate.ts';
import { watchCertificate } from './certificate-watch.ts';
import { Door } from './door.ts';
import { openIdentity } from './identity.ts';
import { Meetings } from './meetings.ts';
import { makeMetrics } from './metrics.ts';
import { Newcomers } from './newcomers.ts';
import { Nodes } from './nodes.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
import { Requests } from './requests.ts';
import { Splices } from './splices.ts';
import { Stats } from './stats.ts';
import { Usage } from './usage.ts';
import { TICK_MS, type Timed, Wheel } from './wheel.ts';

/** Milliseconds that peers have to take what was sent to them before the last of them are cut. */
const FLUSH_MS = 500;
/** Milliseconds over which everybody comes back after a restart: one a node, which costs less than that to admit. */
const COME_BACK_MIN = 1_000;
const COME_BACK_MAX = 30_000;

export interface RelayOptions {
  /** Where it listens. Beyond loopback only when asked for. */
  host?: string;
  /** 0 for any that is free. */
  port?: number;
  /** The file of the relay's key; made when it is not there. */
  keyFile: string;
  /** The URL that people reach it by, when a proxy stands before it. */
  url?: string;
  tls?: CertificateFiles;
  /** Shows addresses of peers in the log. */
  logAddresses?: boolean;
  /** Believes X-Forwarded-For: only behind a proxy that sets it. */
  trustProxy?: boolean;
  admission?: AdmissionOptions;
  quotas?: Partial<Quotas>;
  /** Milliseconds that `stop` waits for splices to end. */
  graceMs?: number;
  log: Logger;
}

export interface Relay {
  /** The relay's PeerId. */
  readonly id: string;
  readonly port: number;
  /** `ws://127.0.0.1:7000`, and the same with the relay's PeerId behind it, which pins it. */
  readonly url: string;
  readonly address: string;
  /** Reads certificates and lists again, and cuts who is not admitted any longer; what is wrong is returned, and what was before stays. */
  reload(): SkeinError[];
  /** Tells everybody to come back, accepts nothing more, waits for splices to end, then cuts what is left. */
  stop(graceMs?: number): Promise<void>;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 7000;
export const DEFAULT_GRACE_MS = 10_000;

/** Starts a relay; throws a SkeinError, or what the system says about the port. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { log, host = DEFAULT_HOST } = options;
  const quotas: Quotas = { ...DEFAULT_QUOTAS, ...options.quotas };
  const identity = openIdentity(options.keyFile);
  const admission = new Admission(options.admission ?? {});
  const certificate = options.tls === undefined ? undefined : new Certificate(options.tls);

  const wheel = new Wheel();
  const stats = new Stats();
  const newcomers = new Newcomers(wheel, quotas, () => stats.turnedAway.add('timeout'));
  const usage = new Usage(wheel, quotas.ratePerPeer);
  const splices = new Splices(wheel, quotas, usage, stats);
  const meetings = new Meetings({
    ...{ wheel, quotas, usage, stats },
    splices: () => splices.size,
    makeRoom: (origin, pending) => splices.makeRoom(origin, pending),
    join: (meeting, dialer, target) => splices.join(meeting, dialer, target),
  });
  const nodes = new Nodes({
    identity,
    wheel,
    quotas,
    admission,
    newcomers,
    meetings,
    stats,
    log,
    logAddresses: options.logAddresses ?? false,
  });
  const metrics = makeMetrics(stats, {
    nodes: () => nodes.size,
    newcomers: () => newcomers.size,
    connections: () => door.connections,
    dials: () => meetings.size,
    splices: () => splices.size,
    waiting: () => splices.waiting,
    ...(certificate !== undefined && { certificateEnds: () => certificate.until }),
  });
  let leaving = false;
  const requests = new Requests({
    ...{ nodes, meetings, newcomers, stats, metrics },
    leaving: () => leaving,
  });
  const door: Door = new Door({
    ...{ host, newcomers, stats },
    port: options.port ?? DEFAULT_PORT,
    connections: quotas.connections,
    trustProxy: options.trustProxy ?? false,
    secureContext: () => certificate?.context,
    request: (path, request, response) => requests.request(path, request, response),
    upgrade: (path, upgrade) => requests.upgrade(path, upgrade),
  });
  const readmit = () => {
    admission.reload();
    nodes.review();
    for (const of of [meetings, splices]) of.cut((one) => nodes.mayStay(one));
  };
  wheel.start();
  const port = await door.open().catch((error: unknown) => {
    wheel.stop();
    throw error;
  });

  let stopped: Promise<void> | undefined;
  const url = options.url ?? `${certificate === undefined ? 'ws' : 'wss'}://${bracketed(host)}:${port}`;
  const address = formatRelayAddress({ url, relay: identity.id });
  log.info({ relay: identity.id, port, open: admission.open }, 'ready');
  if (certificate !== undefined) watchCertificate(certificate, wheel, log);
  return {
    ...{ id: identity.id, port, url, address },
    reload: () => [readmit, () => certificate?.reload()].flatMap(attempt),
    stop: (grace = options.graceMs ?? DEFAULT_GRACE_MS) => {
      leaving = true;
      stopped ??= end({ door, nodes, meetings, splices, wheel, log }, grace);
      return stopped;
    },
  };
}

interface Parts {
  door: Door;
  nodes: Nodes;
  meetings: Meetings;
  splices: Splices;
  wheel: Wheel;
  log: Logger;
}

/** Ends a relay, waiting `grace` milliseconds for what passes through it. */
async function end({ door, nodes, meetings, splices, wheel, log }: Parts, grace: number): Promise<void> {
  const closed = door.close();
  const after = Math.min(Math.max(nodes.size, COME_BACK_MIN), COME_BACK_MAX);
  log.info({ nodes: nodes.size, splices: splices.size, grace }, 'stopping');
  nodes.sayGoaway(after);
  meetings.end();
  await until(wheel, grace, () => splices.size === 0);
  splices.end();
  nodes.close();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref())]);
  door.destroy();
  await closed;
  wheel.stop();
  log.info('stopped');
}

/** Waits until something holds, looked at each time the wheel comes round, or for so many milliseconds. */
function until(wheel: Wheel, ms: number, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  const end = wheel.now + ms;
  return new Promise((resolve) => {
    const look: Timed = {
      due: wheel.now,
      expire: (now) => {
        if (holds() || now >= end) return resolve();
        look.due = now + TICK_MS;
        wheel.add(look);
      },
    };
    wheel.add(look);
  });
}

function attempt(run: () => void): SkeinError[] {
  try {
    run();
    return [];
  } catch (error) {
    return [SkeinError.from(error)];
  }
}

/** A host as a URL has it. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
