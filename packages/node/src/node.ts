/** The node: its lock, log, hosts, sessions and door, put together and taken apart in order. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { Status } from '@skein/protocol/sessions/asks';
import type { SessionState } from '@skein/protocol/sessions/state';
import { Connections } from './gateway/connections.ts';
import type { Pipe, PipeEvents } from './gateway/pipe.ts';
import { type Gateway, listen } from './gateway/server.ts';
import { ownerVisit } from './gateway/visit.ts';
import { nodeSocket, openHome } from './home.ts';
import { HostPool } from './hosts/pool.ts';
import { Kernel } from './kernel/kernel.ts';
import type { DamageReport, KernelApi } from './kernel/types.ts';
import { agreeAll } from './members/agreement.ts';
import { cuttingEffect } from './members/cutting.ts';
import { Gate } from './members/gate.ts';
import { Roll } from './members/roll.ts';
import { Typists } from './members/typists.ts';
import { deviceVisit } from './members/visit.ts';
import { type Identity, openIdentity } from './mesh/identity.ts';
import { openLog } from './node-log.ts';
import { peersActor } from './peers/actor.ts';
import { bridge } from './peers/bridge.ts';
import { registerMeshEffects } from './peers/effects.ts';
import { Meshed } from './peers/meshed.ts';
import { lockHome } from './platform/lock.ts';
import { askHandler } from './sessions/asks.ts';
import { registerEffects } from './sessions/effects.ts';
import { Environments } from './sessions/environment.ts';
import { nodeActor } from './sessions/node-actor.ts';
import { outputEnds } from './sessions/output-ends.ts';
import { Reconciler } from './sessions/reconcile.ts';
import { Sessions } from './sessions/service.ts';
import { sessionActor } from './sessions/session-actor.ts';
import { terminalOpener } from './sessions/terminals.ts';

interface NodeOptions {
  home: string;
  version: string;
  /** Directory of host.cjs and what belongs to it. */
  bundle: string;
}

export interface RunningNode {
  /** Resolves when it has ended, whoever asked for that. */
  ended: Promise<void>;
  /**
   * Serves a device that has proved its key, over a pipe of its own: it may do what it is admitted to. Undefined when it is
   * to be turned away unheard.
   */
  accept(device: string, pipe: Pipe): PipeEvents | undefined;
  stop(): Promise<void>;
}

/** Starts a node in a home. Throws `already_running`, `database_newer`, `home_unsafe`, `path_too_long`. */
export async function startNode({ home, version, bundle }: NodeOptions): Promise<RunningNode> {
  openHome(home);
  const lock = lockHome(path.join(home, 'node.lock'));
  const begun = performance.now();
  const { log, close: closeLog } = openLog(home);
  const damaged: DamageReport[] = [];
  let settled = false;
  let kernel: Kernel;
  let identity: Identity;
  try {
    identity = openIdentity(home);
    kernel = await Kernel.open({
      dir: path.join(home, 'log'),
      log,
      onDamage: (report) => {
        damaged.push(report);
        // What is found while it opens waits until there is an actor to tell.
        if (settled) void afterDamage(report);
        log('error', 'The log is damaged.', {
          reason: report.reason,
          streams: report.streams,
          aside: report.aside,
        });
      },
    });
  } catch (error) {
    closeLog();
    lock.release();
    throw error;
  }
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  kernel.registerActor(peersActor);
  const hosts = new HostPool(home, bundle, version, {
    event: (host, event) => reconciler.hostEvent(host, event),
    lost: (host) => void reconciler.hostLost(host),
    regained: () => void together(),
    log,
  });
  const service = new Sessions(kernel, new Environments(home));
  const context = { kernel, hosts, sessions: service, home };
  registerEffects(context);
  const gate = new Gate(kernel);
  const roll = new Roll();
  const typists = new Typists(kernel, gate);
  let connections: Connections | undefined;
  kernel.registerEffect(cuttingEffect((device, why) => connections?.cut(device, why)));
  const meshed = new Meshed({
    ...{ kernel, identity, log },
    accept: (peer, pipe) => connections?.accept(peer, pipe),
    knows: (device) => gate.knows(device),
  });
  registerMeshEffects(kernel, meshed);
  const reconciler = new Reconciler(context, typists);
  /** Damage found while the node runs: told, and what was lost of sessions that hosts still hold is made good. */
  const afterDamage = async (report: DamageReport): Promise<void> => {
    try {
      await kernel.repaired();
      await reportDamage(kernel, report);
      await agreeAll(kernel);
    } catch (error) {
      log('error', 'Damage could not be recorded.', { error: SkeinError.from(error).message });
    }
    await together();
  };
  /** The log and the hosts are brought together again while the node runs. */
  const together = async (): Promise<void> => {
    try {
      await throughRepairs(kernel, async () => reconciler.reconcile(await hosts.held()));
    } catch (error) {
      log('error', 'Sessions and hosts could not be brought together.', {
        error: SkeinError.from(error).message,
      });
    }
  };
  const { id } = identity;
  await kernel.submit(NODE_ITSELF, {
    target: 'node',
    type: 'node.boot',
    body: { version, pid: process.pid },
  });
  const held = await hosts.adopt();
  await throughRepairs(kernel, () => reconciler.reconcile(held));
  kernel.start();
  settled = true;
  for (const report of [...damaged]) await reportDamage(kernel, report);
  if (damaged.length > 0) await agreeAll(kernel);

  let gateway: Gateway | undefined;
  let ending: Promise<void> | undefined;
  let tellEnded: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    tellEnded = resolve;
  });
  const stop = (): Promise<void> => {
    ending ??= (async () => {
      log('info', 'Stopping.');
      await gateway?.close();
      await meshed.stop();
      typists.stop();
      hosts.close();
      await kernel.close();
      fs.rmSync(nodeSocket(home), { force: true });
      closeLog();
      lock.release();
      tellEnded();
    })();
    return ending;
  };
  const ask = askHandler({
    sessions: service,
    hosts,
    home,
    connected: { seen: (one) => roll.seen(one), path: (one) => meshed.pathOf(one) },
    peers: { kernel, meshed, version },
    status: () => statusOf(),
    stop: (kill) => {
      // After the answer is on its way.
      setImmediate(async () => {
        if (kill) await hosts.shutdown();
        await stop();
      });
    },
  });
  const statusOf = async (): Promise<Status> => {
    const list = await service.list();
    const { bytes, pending, effectsPending } = kernel.stats();
    const events = kernel.streams().reduce((sum, { first, head }) => sum + head - first + 1, 0);
    return {
      pid: process.pid,
      version,
      id,
      home,
      uptime: Math.round((performance.now() - begun) / 1000),
      hosts: hosts.list(),
      sessions: { total: list.length, running: list.filter((s) => s.state === 'running').length },
      log: { bytes, events, damaged },
      queues: { mailbox: pending, effects: effectsPending },
    };
  };
  const openTerminal = terminalOpener({ sessions: service, hosts, gate, home });
  const owner = { kernel, ask, openTerminal };
  const device = { ...owner, gate, outputEnds: (state: SessionState) => outputEnds(state, hosts, home) };
  connections = new Connections({
    kernel,
    node: { id, version },
    gate,
    roll,
    visits: (by, end) => (by.kind === 'owner' ? ownerVisit(owner, by) : deviceVisit(device, by.device, end)),
  });
  // The lock is ours, so a socket that is there is a dead node's.
  fs.rmSync(nodeSocket(home), { force: true });
  const elsewhere = (name: string, pipe: Pipe): PipeEvents =>
    bridge(pipe, async (events, signal) => meshed.open(name, events, signal));
  gateway = await listen(nodeSocket(home), connections, elsewhere);
  // Nobody on this machine waits for the mesh; what is wrong with it is told by whoever asks.
  void meshed.apply().catch(() => {});
  log('info', 'Ready.', {
    version,
    home,
    hosts: hosts.list().length,
    took: Math.round(performance.now() - begun),
  });
  return { ended, accept: (peer, pipe) => connections?.accept(peer, pipe), stop };
}

/** Times that damage may turn up in one piece of work: each is in another stream or further back. */
const REPAIRS = 20;

/** Does work that reads the log, again after each repair of what it comes upon. The work must bear being done twice. */
async function throughRepairs(kernel: Kernel, work: () => Promise<void>): Promise<void> {
  for (let left = REPAIRS; ; left--) {
    try {
      return await work();
    } catch (thrown) {
      const { code } = SkeinError.from(thrown);
      if (left === 0 || (code !== 'log_damaged' && code !== 'storage_unavailable')) throw thrown;
      await kernel.repaired();
    }
  }
}

/** Puts damage into the node's own stream, where its owner finds it. */
async function reportDamage(kernel: KernelApi, report: DamageReport): Promise<void> {
  for (const { stream, oldEpoch, kept, lost } of report.streams) {
    await kernel.submit(NODE_ITSELF, {
      target: 'node',
      type: 'log.report',
      body: { stream, oldEpoch, kept, lost },
    });
  }
}
