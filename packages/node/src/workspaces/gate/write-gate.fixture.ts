/** For tests of the gate: a workspace on a real disk in a real log, and agents in it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { WorkspaceNodeCommands } from '@skein/protocol/workspaces/commands';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import type { Strength } from '@skein/protocol/workspaces/holder';
import type { Folds } from '@skein/protocol/workspaces/patterns';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { Kernel } from '../../kernel/kernel.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import { PREPARE_WORKSPACE } from '../decide-life.ts';
import type { Writer } from '../gate.ts';
import { workspaceActor } from '../workspace-actor.ts';
import { WriteGates } from './write-gate.ts';

export const WORKSPACE = newId();

const FOLDS = { case: false, unicode: false };

export class Site {
  readonly dir: string;
  readonly root: string;
  readonly log: string;
  kernel: Kernel;
  gate: WriteGates;
  #seq = 1;

  private constructor(dir: string, kernel: Kernel) {
    this.dir = dir;
    this.root = path.join(dir, 'work');
    this.log = path.join(dir, 'log');
    this.kernel = kernel;
    this.gate = this.#gate();
  }

  static async make(
    more: Partial<WorkspaceNodeCommands['workspace.create']> & { folds?: Folds } = {},
  ): Promise<Site> {
    const { folds = FOLDS, ...created } = more;
    const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-gate-')));
    for (const sub of ['work', 'log', 'home']) fs.mkdirSync(path.join(dir, sub));
    const site = new Site(dir, await open(path.join(dir, 'log'), folds));
    const create = { id: WORKSPACE, name: 'work', source: { kind: 'local', dir: site.root }, ...created };
    await site.#create(create, site.root);
    await site.until(({ life }) => life === 'ready');
    return site;
  }

  /** An agent that enters the workspace, and says what it reads unless it is told otherwise. */
  async enter(
    name: string,
    more: Partial<Writer> = {},
    files: Strength['files'] = 'guarded',
  ): Promise<Writer> {
    const [run, session, agent] = [newId(), newId(), newId()];
    const born = {
      id: session,
      name: `${name}s`,
      argv: ['x'],
      cwd: this.root,
      run: newId(),
      cols: 80,
      rows: 24,
    };
    await accepted(this.kernel.submit(NODE_ITSELF, { target: 'node', type: 'session.adopt', body: born }));
    const strength: Strength = { files, shell: 'watched' };
    const body: WorkspaceEvents['run.entered'] = { run, session, agent, name: `${name}s/${name}`, strength };
    await this.tell('run.entered', body);
    return { workspace: WORKSPACE, run, session, agent, cwd: this.root, tellsReads: true, ...more };
  }

  async tell(type: string, body: object): Promise<unknown> {
    const command = { target: `workspace/${WORKSPACE}`, type, body };
    return accepted(this.kernel.submit(NODE_ITSELF, command));
  }

  /** Another workspace on the same node; its id. */
  async another(dir: string): Promise<string> {
    const id = newId();
    await this.#create({ id, name: `w${id}`, source: { kind: 'local', dir } }, dir);
    await this.until(({ life }) => life === 'ready', id);
    return id;
  }

  /** For a run, or for whoever uses the machine, here or in another workspace. */
  async claim(holder: Writer | { workspace: string } | null, ...globs: string[]): Promise<void> {
    const whose = holder !== null && 'run' in holder ? { for: { run: holder.run } } : {};
    const body = { claim: newId(), globs, ...whose };
    const id = { client: 'claims', seq: this.#seq++ };
    const command = { id, target: `workspace/${holder?.workspace ?? WORKSPACE}`, type: 'claim.take', body };
    await accepted(this.kernel.execute({ kind: 'owner', via: 'local' }, command));
  }

  async #create(body: object, root: string): Promise<void> {
    const id = { client: 'creates', seq: this.#seq++ };
    const command = { id, target: 'node', type: 'workspace.create', body };
    await accepted(this.kernel.execute({ kind: 'owner', via: 'local' }, command, { root }));
  }

  async state(workspace = WORKSPACE): Promise<WorkspaceState> {
    return (await this.kernel.state<WorkspaceState>(`workspace/${workspace}`)).state;
  }

  async until(is: (state: WorkspaceState) => boolean, workspace = WORKSPACE): Promise<void> {
    for (;;) {
      const changed = new Promise<void>((wake) => this.kernel.changed(`workspace/${workspace}`, wake));
      if (is(await this.state(workspace))) return;
      await changed;
    }
  }

  /** Another node takes up what this one leaves, without having ended in order; unless its runs are `over`, nothing is ended. */
  async restart(how: { over?: boolean } = {}): Promise<void> {
    await this.leave();
    await this.take(how);
  }

  /** Lets go of the log, so that another process may have it. */
  async leave(): Promise<void> {
    await this.gate.stop();
    await this.kernel.close();
  }

  async take({ over = true } = {}): Promise<void> {
    this.kernel = await open(this.log);
    this.gate = this.#gate();
    if (over) await this.gate.start();
  }

  write(name: string, text: string): void {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), text);
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  text(name: string): string {
    return fs.readFileSync(this.at(name), 'utf8');
  }

  async remove(): Promise<void> {
    await this.gate.stop();
    await this.kernel.close();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  #gate(): WriteGates {
    const { kernel } = this;
    return new WriteGates({
      kernel,
      home: path.join(this.dir, 'home'),
      left: () => 60_000,
      log: (...a) => console.log(...a),
    });
  }
}

async function open(dir: string, folds = FOLDS): Promise<Kernel> {
  const kernel = await Kernel.open({ dir });
  for (const kind of [nodeActor, sessionActor, workspaceActor]) kernel.registerActor(kind as never);
  kernel.registerEffect({
    kind: PREPARE_WORKSPACE,
    idempotent: true,
    run: async () => ({ git: null, folds }),
  });
  return kernel;
}

async function accepted(reply: ReturnType<Kernel['submit']>): Promise<unknown> {
  const done = await reply;
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  return done.value;
}
