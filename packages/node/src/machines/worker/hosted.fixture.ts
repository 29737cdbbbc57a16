/** For tests: a worker's actors with a grant, a home that places an agent on it, and what that agent's process tells. */
import { SkeinError } from '@skein/protocol/errors';
import type { HostedCommands } from '@skein/protocol/machines/commands';
import type { Grant } from '@skein/protocol/peers/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { Units } from '../../workspaces/units.fixture.ts';

export const HOME = '12D3KooWMsHM2VfiYBUNeUSfzvY4nu3396KYpXZK7hQpG2FCbCDo';
export const OTHER = '12D3KooWNrm1L8YuUYCys9B6Nd8het1ATKAUrSHcwUL1vZNBGdbT';
export const byHome = { kind: 'device', device: HOME };

let made = 0;
/** An identifier that no other has. */
export const nextId = (): string => {
  let n = made++;
  let text = '';
  for (let i = 0; i < 12; i++, n = Math.floor(n / 32)) text += 'abcdefghijklmnopqrstuvwxyz234567'[n % 32];
  return text;
};

export function wanted(more: Partial<HostedCommands['hosted.place']> = {}): HostedCommands['hosted.place'] {
  const ids = { id: nextId(), session: nextId(), agent: nextId(), run: nextId(), taker: nextId() };
  const names = { node: 'laptop', name: 'api', definition: 'fake', called: 'fake' };
  return { ...ids, ...names, place: { dir: '/w' }, ...more };
}

/** The code that something is refused with; undefined when it is not. */
export function refusal(what: () => unknown): string | undefined {
  try {
    what();
    return undefined;
  } catch (thrown) {
    return SkeinError.from(thrown).code;
  }
}

export class Worker extends Units {
  constructor() {
    super();
    this.tell('node', 'node.boot', { version: '1', pid: 1 });
  }

  grant(more: object = {}): Grant {
    const grant = nextId();
    const body = { grant, peer: HOME, agents: ['fake'], dirs: ['/w'], max: 2, ...more };
    this.give('peers', 'grant.give', body, undefined, { dirs: (body.dirs as string[]).slice() });
    return this.peers.grants[grant] as Grant;
  }

  /** As the node does it that has looked the facts up before. */
  place(
    body: HostedCommands['hosted.place'],
    grants = Object.values(this.peers.grants),
    by = byHome,
  ): unknown {
    return this.give('node', 'hosted.place', body, by, { grants, dir: '/w', workspaces: '/ws' });
  }

  home(id: string, type: string, body: unknown, facts?: unknown): unknown {
    const member = Object.values(this.session(id).members)[0]?.id ?? 'none';
    return this.give(
      `session/${id}`,
      type,
      body,
      { kind: 'member', member, name: 'laptop', device: HOME },
      facts,
    );
  }

  /** What has happened in a session, of one type. */
  told<T>(id: string, type: string): T[] {
    return (this.events.get(`session/${id}`) ?? [])
      .filter((event) => event.type === type)
      .map(({ body }) => body as T);
  }

  /** Its process has started, and it is ready. */
  runs(id: string): void {
    const run = this.#run(id);
    const restart = { when: 'never', most: 0, delay: 0 };
    const value = { host: 'h', pid: 7, start: '1', driver: 'acp', argv: ['x'], stuckAfter: 0, restart };
    this.outcome('start-agent', { value }, run);
    this.tell(`session/${id}`, 'agent.stepped', {
      run,
      events: [{ type: 'agent.ready', body: { run } }],
      cells: [],
    });
  }

  /** Its process has ended. */
  ends(id: string): void {
    const run = this.#run(id);
    const body = { run, code: 0, signal: null, stderr: '' };
    this.tell(`session/${id}`, 'agent.stepped', { run, events: [{ type: 'agent.exited', body }], cells: [] });
  }

  life(id: string): string | undefined {
    return this.#agent(this.session(id))?.life;
  }

  #run(id: string): string {
    return this.#agent(this.session(id))?.run?.run ?? '';
  }

  #agent({ agents }: SessionState) {
    return Object.values(agents)[0];
  }
}
