/** The node: its lock, log, hosts, sessions and door, put together and taken apart in order. */
import fs from 'node:fs';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { agentHandlers } from './agents/asks.ts';
import { waitingHook } from './agents/calling.ts';
import { registerAgentEffects } from './agents/effects.ts';
import { AgentEnvironments } from './agents/environments.ts';
import { Policies } from './agents/policy/policies.ts';
import { agentsKnown, strayCleaner } from './agents/strays.ts';
import { Agents } from './agents/supervisor.ts';
import { Uploads } from './agents/uploads.ts';
import { Watching } from './agents/watching.ts';
import { type Durable, openDurable } from './durable.ts';
import { executor } from './executing.ts';
import { agentVisit } from './gateway/agent-visit.ts';
import { Connections } from './gateway/connections.ts';
import { deviceVisit } from './gateway/device-visit.ts';
import type { Pipe, PipeEvents } from './gateway/pipe.ts';
import { type Elsewhere, type Gateway, listen } from './gateway/server.ts';
import { type OwnerContext, ownerVisit } from './gateway/visit.ts';
import { nodeSocket } from './home.ts';
import { HostPool } from './hosts/pool.ts';
import type { DamageReport } from './kernel/options.ts';
import { loadHandlers } from './load/asks.ts';
import { machineHandlers } from './machines/asks.ts';
import { registerFarEffects } from './machines/home/far-effects.ts';
import { FarLinks } from './machines/home/far-links.ts';
import { farTrees, handOver } from './machines/home/far-trees.ts';
import { Hosting } from './machines/worker/hosting.ts';
import { cuttingEffect } from './members/cutting.ts';
import { Gate } from './members/gate.ts';
import { Roll } from './members/roll.ts';
import { Typists } from './members/typists.ts';
import { Mending } from './mending.ts';
import { type Release, statusOf } from './node-status.ts';
import { peersActor } from './peers/actor.ts';
import { peerHandlers } from './peers/asks.ts';
import { bridge } from './peers/bridge.ts';
import { registerMeshEffects } from './peers/effects.ts';
import { Meshed } from './peers/meshed.ts';
import { Resting } from './resting.ts';
import { askHandler } from './sessions/asks.ts';
import { registerEffects } from './sessions/effects.ts';
import { Environments } from './sessions/environment.ts';
import { nodeActor } from './sessions/node-actor.ts';
import { outputEnds } from './sessions/output-ends.ts';
import { Reconciler } from './sessions/reconcile.ts';
import { Sessions } from './sessions/service.ts';
import { sessionActor } from './sessions/session-actor.ts';
import { terminalOpener } from './sessions/terminals.ts';
import { taskAskHandlers } from './tasks/asks.ts';
import { TaskClock } from './tasks/clock.ts';
import { registerTaskEffects } from './tasks/effects.ts';
import { Inbox } from './tasks/inbox.ts';
import { FarTools } from './tools/far-tools.ts';
import { Tools } from './tools/tools.ts';
import { workspaceHandlers } from './workspaces/asks.ts';
import { HomeGate } from './workspaces/gate/home-gate.ts';
import { WriteGates } from './workspaces/gate/write-gate.ts';
import { renewGuard } from './workspaces/guard/program.ts';
import { Landings } from './workspaces/landing/landings.ts';
import { Leases } from './workspaces/leases/leases.ts';
import { Makings } from './workspaces/making/makings.ts';
import { isAwaited, Workspaces } from './workspaces/service.ts';
import { settleWorkspaces } from './workspaces/settle.ts';
import { treeHandlers } from './workspaces/trees/asks.ts';
import { broughtFor, freshOf, goOnFar } from './workspaces/trees/fresh.ts';
import { HandedStore } from './workspaces/trees/handed-store.ts';
import { sweepTrees } from './workspaces/trees/sweep.ts';
import { Watchers } from './workspaces/watch/watchers.ts';
import { workspaceActor } from './workspaces/workspace-actor.ts';

interface NodeOptions extends Release {
  home: string;
  /** Directory of host.cjs and what belongs to it. */
  bundle: string;
}

export interface RunningNode {
  /** Resolves when it has ended, whoever asked for that. */
  ended: Promise<void>;
  /** Serves a device that has proved its key: it may do what it is admitted to. Undefined when it is to be turned away unheard. */
  accept(device: string, pipe: Pipe): PipeEvents | undefined;
  stop(): Promise<void>;
}

/** Starts a node in a home. Throws `already_running`, `database_newer`, `home_unsafe`, `path_too_long`. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { home, version } = options;
  const begun = performance.now();
  const damaged: DamageReport[] = [];
  // What is found while it opens waits until there is an actor to tell.
  let tell: ((report: DamageReport) => void) | undefined;
  const durable = await openDurable(home, (report, log) => {
    const { reason, streams, aside } = report;
    damaged.push(report);
    log('error', 'The log is damaged.', { reason, streams, aside });
    tell?.(report);
  });
  const { kernel, log } = durable;
  let ending: Promise<void> | undefined;
  const { promise: ended, resolve: tellEnded } = Promise.withResolvers<void>();
  const stop = (): Promise<void> => {
    ending ??= (async () => {
      if (durable.lost()) return;
      log('info', 'Stopping.');
      resting.stop();
      await gateway?.close();
      await parts.stop();
      fs.rmSync(nodeSocket(home), { force: true });
      await durable.close();
      tellEnded();
    })();
    return ending;
  };
  // At once, as if it were killed: in what was its home another may be at work.
  void durable.gone.then(tellEnded);
  const parts = assemble(options, durable, { damaged, begun, stop });
  const { hosts, sessions, workspaces, environments, agents, writes, leases, hosting, reconciler } = parts;
  const { mending, connections, meshed, watchers, clearStrays } = parts;
  let gateway: Gateway | undefined;
  const resting = new Resting();
  try {
    const boot = { target: 'node', type: 'node.boot', body: { version, pid: process.pid } };
    await kernel.submit(NODE_ITSELF, boot);
    const held = await hosts.adopt();
    await mending.through(() => reconciler.reconcile(held));
    // A damaged index may have lost agents that are there.
    if (damaged.length === 0) environments.sweep(await agentsKnown(sessions));
    kernel.start();
    tell = (report) => void mending.found(report);
    await mending.begin([...damaged]);
    await writes.start();
    agents.start();
    parts.clock.start();
    watchers.start();
    renewGuard(home, options.bundle);
    void settleWorkspaces({ kernel, sessions, workspaces, log });
    void sweepTrees({ kernel, home, log }, new HandedStore(home));
    leases.start();
    hosting.start();
    clearStrays();
    // The lock is ours, and with it what is at that path.
    const elsewhere: Elsewhere = (name, pipe) =>
      bridge(pipe, async (events, signal) => meshed.open(name, events, signal));
    gateway = await listen(nodeSocket(home), connections, elsewhere, durable);
  } catch (error) {
    await stop();
    throw error;
  }
  resting.start();
  // Nobody on this machine waits for the mesh; what is wrong with it is told by whoever asks.
  void meshed.apply().catch(() => {});
  const took = Math.round(performance.now() - begun);
  log('info', 'Ready.', { version, home, hosts: hosts.list().length, took });
  return { ended, accept: (peer, pipe) => connections.accept(peer, pipe), stop };
}

/** The parts of a node, each knowing those that it needs. Nothing of them is at work yet. */
function assemble(
  { home, version, build, bundle }: NodeOptions,
  { kernel, identity, log }: Durable,
  { damaged, begun, stop }: { damaged: DamageReport[]; begun: number; stop(): Promise<void> },
) {
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  kernel.registerActor(peersActor);
  kernel.registerActor(workspaceActor);
  const hosts = new HostPool(home, bundle, version, {
    // An agent's end is told to whoever reads its output; that of a program which no agent has, to nobody else.
    event: (host, event, kind) => {
      if (kind === 'pty') reconciler.hostEvent(host, event);
      else if (event.type === 'exited') clearStrays();
    },
    lost: (host) => {
      void reconciler.hostLost(host);
      agents.hostLost(host);
    },
    regained: () => void mending.together(),
    log,
  });
  const sessions = new Sessions(kernel, new Environments(home));
  const context = { kernel, hosts, sessions, home };
  const workspaces = new Workspaces(kernel);
  const leases = new Leases({ kernel, log });
  const hosting = new Hosting(kernel, log);
  const makings = new Makings({ kernel, home, bundle, awaited: (id) => isAwaited(id, sessions) });
  const landings = new Landings({
    ...{ kernel, home },
    bring: (...wanted) => broughtFor(trees, ...wanted),
    landed: (workspace) => goOnFar(trees, workspace),
  });
  const watchers = new Watchers({ kernel, log });
  const clearStrays = strayCleaner({ hosts, home, sessions, log });
  const gate = new Gate(kernel);
  const roll = new Roll();
  const typists = new Typists(kernel, gate);
  const uploads = new Uploads();
  const watching = new Watching(gate);
  const hook = waitingHook({ home, log, kernel, sessions, watching });
  const writes = new WriteGates({ kernel, home, left: (...claim) => leases.left(...claim), log });
  const policies = new Policies(home, log, kernel);
  const agents: Agents = new Agents({
    ...{ kernel, hosts, home, version, policies, log },
    asks: (session, open) => hook.asks(session, open),
    gate: new HomeGate(kernel, writes),
    far: (state) => void [far, farTools].map((one) => one.look(state)),
    gone: (session) => void [far, farTools].map((one) => one.gone(session)),
  });
  const clock = new TaskClock({ kernel, asks: (session, open) => hook.asks(session, open, 'question') });
  const reconciler = new Reconciler(context, typists);
  const mending = new Mending(kernel, log, async () => {
    await reconciler.reconcile(await hosts.held());
    agents.lookAgain();
    clock.lookAgain();
    clearStrays();
  });
  const meshed = new Meshed({
    ...{ kernel, identity, log },
    accept: (peer, pipe) => connections.accept(peer, pipe),
    knows: (device) => gate.knows(device),
  });
  const far = new FarLinks({ kernel, meshed, policies, version, log });
  const trees = farTrees({ kernel, home, far });
  const node = { id: identity.id, version, build };
  const tools = new Tools({
    ...{ kernel, sessions, workspaces, hosts, home },
    execute: (by, command) => execute(by, command),
    ask: (...asked) => ask(...asked),
  });
  const farTools = new FarTools(kernel, tools);
  const ask: OwnerContext['ask'] = askHandler({
    ...{ sessions, hosts, home },
    connected: { seen: (one) => roll.seen(one), path: (one) => meshed.pathOf(one) },
    peers: peerHandlers({ kernel, meshed, version, agentsOn: (peer) => far.agentsOn(peer) }),
    agents: agentHandlers({ home, sessions, agents, uploads, watching }),
    workspaces: workspaceHandlers({
      ...{ workspaces, leases },
      brought: (id, signal) => freshOf(trees, id, signal),
      progress: (id) => makings.progress(id),
      watched: (id) => watchers.status(id),
    }),
    machines: machineHandlers({ kernel, meshed, leases: hosting.leases }),
    tasks: taskAskHandlers({ sessions, inbox: new Inbox(sessions, kernel), watching }),
    load: loadHandlers({ sessions, hosts, meshed, version }),
    trees: treeHandlers({ kernel, home, handed: new HandedStore(home) }),
    tools: tools.asked,
    status: () => statusOf({ ...context, node, damaged, begun }),
    // After the answer is on its way.
    stop: (kill) =>
      void setImmediate(async () => {
        if (kill) {
          await agents.halt();
          await Promise.all([far.halt(), hosts.shutdown()]);
        }
        await stop();
      }),
  });
  const execute = executor({ kernel, home, uploads, meshed, environments: sessions.environments });
  const owner = { kernel, execute, ask, openTerminal: terminalOpener({ sessions, hosts, gate, home }) };
  const device = { ...owner, gate, outputEnds: (state: SessionState) => outputEnds(state, hosts, home) };
  const connections: Connections = new Connections({
    ...{ kernel, node, gate, roll },
    follows: (by, stream) => (by.kind === 'agent' ? () => {} : watching.follows(by, stream)),
    visits: (by, end) => {
      if (by.kind === 'agent') return agentVisit(tools.visited);
      return by.kind === 'owner' ? ownerVisit(owner, by) : deviceVisit(device, by.device, end);
    },
  });
  registerEffects(context);
  const environments = new AgentEnvironments(home);
  registerAgentEffects({ ...context, version, environments, workspaces });
  registerTaskEffects({ kernel, sessions, execute });
  registerMeshEffects(kernel, meshed);
  registerFarEffects({ kernel, meshed, far, handOver: (...handed) => handOver(trees, ...handed) });
  kernel.registerEffect(cuttingEffect((one, why) => connections.cut(one, why)));
  const stopAll = async () => {
    far.stop();
    await meshed.stop();
    await watchers.stop();
    await landings.stop();
    typists.stop();
    agents.stop();
    clock.stop();
    await writes.stop();
    leases.stop();
    hosting.stop();
    uploads.stop();
    sessions.environments.stop();
    hook.stop();
    mending.stop();
    farTools.stop();
    reconciler.stop();
    hosts.close();
  };
  const served = { clock, watchers, reconciler, mending, meshed, connections, clearStrays };
  const kept = { hosts, sessions, workspaces, environments, agents, writes, leases, hosting };
  return { ...kept, ...served, stop: stopAll };
}
