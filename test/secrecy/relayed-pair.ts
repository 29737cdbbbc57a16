/** Two people on nodes that meet at a relay alone, with the real programs: one shares a session, the other uses it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeTicket } from '@skein/protocol/members/ticket';
import type { NodeAnswer } from '@skein/protocol/peers/asks';
import { Skein } from '../support/cli.ts';
import { until } from '../support/processes.ts';
import { findProgram } from '../support/programs.ts';
import { Tmux } from '../support/tmux.ts';
import type { Canaries } from './canaries.ts';

const COLS = 100;
const ROWS = 30;

export class RelayedPair {
  readonly owner = new Skein();
  readonly guest = new Skein();
  readonly #canaries: Canaries;
  readonly #tmux = findProgram('tmux') === undefined ? undefined : new Tmux();
  #ref = '';
  ticket: { text: string; secret: Uint8Array } = { text: '', secret: new Uint8Array() };

  constructor(canaries: Canaries) {
    this.#canaries = canaries;
  }

  /** Whether what is typed goes through `attach` in a terminal. */
  get attaches(): boolean {
    return this.#tmux !== undefined;
  }

  /** A session with canaries in all that it is, shared through the relay and joined. */
  async meet(relay: string): Promise<void> {
    const { owner, guest } = this;
    const at = this.#canaries.at.bind(this.#canaries);
    const place = join(owner.home, '..', at('path'));
    mkdirSync(place);
    writeFileSync(join(place, at('argument')), `PS1='${at('prompt')}$ '\n`);
    // What the program prints is typed by nobody.
    writeFileSync(join(place, 'text'), `\x1b]2;${at('title')}\x07${at('output')}\n`);
    await done(owner, ['mesh', '--listen', 'none', '--name', at('node')]);
    await done(guest, ['mesh', '--listen', 'none', '--name', at('device')]);
    const program = ['bash', '--noprofile', '--rcfile', at('argument'), '-i'];
    const run = ['run', '-d', '--name', at('session'), '--cwd', place, '--size', `${COLS}x${ROWS}`, '--'];
    await done(owner, [...run, ...program]);
    const share = ['share', at('session'), '--role', 'owner', '--history', 'all', '--relay', relay, '--json'];
    const { ticket } = JSON.parse(await done(owner, share)) as { ticket: string };
    this.ticket = { text: ticket, secret: decodeTicket(ticket).secret };
    const joined = await done(guest, ['join', '-', '--name', at('member'), '--json'], ticket);
    this.#ref = (JSON.parse(joined) as { ref: string }).ref;
  }

  /** What the guest does with the session, each thing once; stays attached where there is a terminal to attach. */
  async use(): Promise<void> {
    const at = this.#canaries.at.bind(this.#canaries);
    const { guest } = this;
    const typed = `: ${at('input')}; cat text`;
    if (this.#tmux === undefined) await done(guest, ['send', this.#ref, typed, '--enter']);
    else {
      this.#tmux.open('guest', `${guest.command} attach ${this.#ref}`, COLS, ROWS);
      await this.#tmux.until('guest', 'the prompt', (text) => text.includes(at('prompt')));
      this.#tmux.type('guest', typed);
      this.#tmux.keys('guest', 'Enter');
      await this.#tmux.until('guest', 'the output', (text) => text.includes(at('output')));
    }
    await until('the output is seen', async () =>
      (await done(guest, ['screen', this.#ref, '--text'])).includes(at('output')),
    );
    const [node] = JSON.parse(await done(guest, ['nodes', '--json'])) as NodeAnswer[];
    if (node?.path !== 'relayed') throw new Error(`the path is ${node?.path}, not relayed`);
  }

  /** Whatever else the guest can be told of it; returns the canaries that were not, and so are no proof of anything. */
  async unseen(): Promise<string[]> {
    const told: string[] = [];
    for (const words of [
      ['events', this.#ref, '--json'],
      ['members', this.#ref, '--json'],
      ['tickets', this.#ref, '--json'],
      ['export', this.#ref],
      ['output', this.#ref],
      ['share', this.#ref, '--role', 'viewer', '--json'],
      ['ls', '--all', '--json'],
    ])
      told.push(await done(this.guest, words));
    return this.#canaries.missingFrom(told.join('\n'));
  }

  end(): void {
    this.#tmux?.stop();
    this.guest.destroy();
    this.owner.destroy();
  }
}

/** Runs a command that must succeed, and returns what it printed. */
async function done(skein: Skein, words: string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await skein.later(words, input === undefined ? {} : { input });
  if (status !== 0) throw new Error(`skein ${words[0]} failed: ${stderr}`);
  return stdout;
}
