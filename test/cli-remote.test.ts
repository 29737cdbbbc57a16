/** Sessions of another node by the real `skein`, through a real relay (rules M2, M3, M4). */
import { connectSkein } from '@skein/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from './support/relay-process.ts';
import { Tmux } from './support/tmux.ts';

interface Event {
  offset: number;
  type: string;
  body: Record<string, unknown>;
}
interface Member {
  id: string;
  name: string;
  role: string;
  devices: { id: string; name: string; path?: string; attached: number }[];
  seen: number;
}
type Shared = { ticket: string; role: string; expires: number };
type Joined = { ref: string; role: string; name: string; node: string };

const relayHome = makeRelayHome();
let relay: RelayProcess;
/** Owns the session; joins it; joins it as a viewer. */
let home: Skein;
let guest: Skein;
let looker: Skein;
let ref: string;

beforeAll(async () => {
  relay = await RelayProcess.start(relayHome);
  home = new Skein();
  guest = new Skein();
  looker = new Skein();
  home.run('run', '-d', '--name', 'api', '--', 'bash', '--norc');
  // Where they listen nowhere there is no path but through the relay.
  for (const one of [home, guest, looker]) one.run('mesh', '--listen', 'none');
}, 60_000);

afterAll(async () => {
  for (const one of [guest, looker, home]) one.destroy();
  relay.child.kill();
  await relay.ended;
  destroyRelayHome(relayHome);
});

/** Joins by a ticket on stdin, where no other process sees it. */
function join(who: Skein, ticket: string, ...args: string[]): Joined {
  const { status, stdout, stderr } = who.try(['join', '-', '--json', ...args], { input: `  ${ticket}\n` });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

function refused(who: Skein, args: string[], input = ''): [number | null, string] {
  const { status, stderr } = who.try([...args, '--json'], { input });
  return [status, JSON.parse(stderr).error.code];
}

function shows(tmux: Tmux, text: string): Promise<string> {
  return tmux.until('t', text, (screen) => screen.includes(text));
}

describe('[M4] a session of another node', () => {
  test('[K5] a ticket that is of use nowhere else is made, and what is wrong is in the JSON', () => {
    const { warnings } = home.json<{ warnings: unknown[] }>('share', 'api');
    expect(warnings).toEqual([
      {
        message: 'this ticket works on this machine alone.',
        advice: expect.stringContaining('--relay'),
      },
    ]);
    const [{ id }] = home.json<[{ id: string }]>('tickets', 'api');
    home.run('tickets', 'api', '--withdraw', id);
  });

  test('[M3] is joined by a ticket, once', () => {
    const options = ['--role', 'operator', '--history', 'all', '--expires', '10m', '--relay', relay.url];
    const shared = home.json<Shared>('share', 'api', ...options);
    expect(shared).toMatchObject({ role: 'operator', uses: 1, history: 'all', warnings: [] });
    expect(Math.abs(shared.expires - Date.now() - 600_000)).toBeLessThan(30_000);
    const joined = join(guest, shared.ticket, '--name', 'alice');
    expect(joined).toMatchObject({ role: 'operator', name: 'alice' });
    ref = joined.ref;
    expect(ref).toBe(`${joined.node}:api`);
    // The same device again is the same member; another is too late.
    expect(join(guest, shared.ticket)).toEqual(joined);
    expect(refused(looker, ['join', '-'], shared.ticket)).toEqual([5, 'ticket_used']);
    expect(refused(looker, ['join', '-'], shared.ticket.slice(0, -3))[0]).toBe(2);
    expect(refused(home, ['join', '-'], shared.ticket)).toEqual([2, 'bad_request']);
  });

  test('is listed, looked at and typed into like one of this machine', async () => {
    guest.run('send', ref, 'echo from-afar', '--enter');
    await until('the echo', () => guest.run('screen', ref).includes('\nfrom-afar'));
    expect(guest.run('output', ref)).toBe(home.run('output', 'api'));
    const all = guest.json<{ ref: string; node: string | null; role: string; state: string }[]>(
      'ls',
      '--all',
    );
    expect(all).toMatchObject([{ ref, role: 'operator', state: 'running' }]);
    expect(guest.json('ls')).toEqual([]);
    expect(guest.run('ls', '-a')).toMatch(new RegExp(`${ref} +running`));
    expect(guest.json<{ path: string; via: string }[]>('nodes')).toMatchObject([
      { path: 'relayed', via: relay.url.replace(/\/#.*/, '') },
    ]);
    expect(guest.run('status')).toMatch(/relayed by ws:/);
  });

  test('[M2][L5] has the same events, but for those that are withheld', () => {
    const ours = home.json<Event[]>('events', 'api');
    const theirs = guest.json<Event[]>('events', ref);
    expect(theirs.length).toBe(ours.length);
    for (const [i, event] of theirs.entries()) {
      if (/^ticket\.(made|withdrawn)$/.test(ours[i]?.type ?? '')) expect(event.type).toBe('withheld');
      else expect(event).toEqual(ours[i]);
    }
    expect(ours.map(({ type }) => type)).toContain('member.joined');
  });

  test('[H3][H6] is attached to in a terminal; who types is told', async () => {
    const tmux = new Tmux();
    try {
      tmux.open('t', `${guest.command} attach ${ref}`, 90, 20);
      await shows(tmux, 'from-afar');
      tmux.type('t', 'echo typed');
      tmux.keys('t', 'Enter');
      await shows(tmux, '\ntyped');
      const [member] = home.json<Member[]>('members', 'api');
      expect(member).toMatchObject({ name: 'alice', role: 'operator' });
      expect(member?.devices[0]).toMatchObject({ path: 'relayed', attached: 1 });
      const typed = home.json<Event[]>('events', 'api').filter(({ type }) => type === 'run.typed');
      expect(typed.at(-1)?.body.by).toMatchObject({ name: 'alice' });
    } finally {
      tmux.stop();
    }
  });

  test('[M4] while its node is away a terminal says so, keeps what is typed, and goes on', async () => {
    const tmux = new Tmux();
    try {
      tmux.open('t', `${guest.command} attach ${ref}`, 90, 20);
      await shows(tmux, 'typed');
      await tmux.shell('left', 90, 20);
      tmux.enter('left', `${guest.command} attach ${ref}; echo status $?`);
      await tmux.until('left', 'its screen', (screen) => screen.includes('typed'));
      process.kill(home.json<{ pid: number }>('status').pid, 'SIGKILL');
      await shows(tmux, `${ref}: cut off for`);
      tmux.type('t', 'echo $((40+2))-kept');
      tmux.keys('t', 'Enter');
      await shows(tmux, '20 bytes typed wait');
      tmux.type('left', 'x');
      await tmux.until('left', 'what waits', (screen) => screen.includes('1 byte typed waits'));
      tmux.keys('left', 'C-\\', 'd');
      const said = await tmux.until('left', 'its end', (screen) => screen.includes('status'));
      expect(said).toMatch(/; 1 byte typed may not have arrived\]\nstatus 1/);
      home.run('up');
      await shows(tmux, '\n42-kept');
      expect(home.run('output', 'api').match(/42-kept/g)).toHaveLength(1);
      expect(tmux.text('t')).not.toContain('cut off');
    } finally {
      tmux.stop();
    }
  });

  test('[M4] a node that is called something else meanwhile is the same to whoever looks on', async () => {
    const tmux = new Tmux();
    const [was = ''] = ref.split(':');
    try {
      tmux.open('t', `${guest.command} attach ${ref}`, 90, 20);
      tmux.open('output', `${guest.command} output -f ${ref}; sleep 600`, 90, 20);
      tmux.open('chat', `${guest.command} chat ${ref}; sleep 600`, 90, 20);
      await shows(tmux, '42-kept');
      await tmux.until('output', 'the output', (screen) => screen.includes('42-kept'));
      await tmux.until('chat', 'the chat', (screen) => screen.includes('api'));
      guest.run('node', 'rename', was, 'other');
      process.kill(home.json<{ pid: number }>('status').pid, 'SIGKILL');
      await shows(tmux, `${ref}: cut off for`);
      await tmux.until('chat', 'the cut', (screen) => screen.includes('cut off for'));
      home.run('up');
      await tmux.until('chat', 'the chat again', (screen) => !screen.includes('cut off for'));
      tmux.type('t', 'echo $((40+3))-renamed');
      tmux.keys('t', 'Enter');
      await shows(tmux, '\n43-renamed');
      await tmux.until('output', 'what is new', (screen) => screen.includes('\n43-renamed'));
    } finally {
      guest.try(['node', 'rename', 'other', was]);
      tmux.stop();
    }
  });

  test('[M4] and to a program that uses the library', { timeout: 60_000 }, async () => {
    const [was = ''] = ref.split(':');
    const lost = Promise.withResolvers<void>();
    const onConnection = (state: string) => state === 'lost' && lost.resolve();
    const there = await connectSkein({ home: guest.home, node: was, start: false, onConnection });
    try {
      guest.run('node', 'rename', was, 'other');
      process.kill(home.json<{ pid: number }>('status').pid, 'SIGKILL');
      await lost.promise;
      home.run('up');
      expect(await there.sessions()).toMatchObject([{ name: 'api' }]);
    } finally {
      there.close();
      guest.try(['node', 'rename', 'other', was]);
    }
  });

  test('[M4] while its node is away a command says whom it looks for', async () => {
    const tmux = new Tmux();
    try {
      process.kill(home.json<{ pid: number }>('status').pid, 'SIGKILL');
      tmux.open('t', `${guest.command} screen ${ref}; sleep 600`, 90, 20);
      await shows(tmux, `looking for ${ref.split(':')[0]}…`);
      home.run('up');
      await shows(tmux, '\n42-kept');
      expect(tmux.text('t')).not.toContain('looking for');
    } finally {
      tmux.stop();
    }
  });

  test('[M2] a viewer looks on, and is refused the rest by the rule', async () => {
    const { ticket } = home.json<Shared>('share', 'api');
    const seen = join(looker, ticket).ref;
    expect(looker.run('screen', seen)).toContain('42-kept');
    expect(refused(looker, ['send', seen, 'x'])).toEqual([5, 'not_allowed']);
    expect(refused(looker, ['stop', seen])).toEqual([5, 'not_allowed']);
    expect(refused(looker, ['share', seen, '--role', 'viewer'])).toEqual([5, 'not_allowed']);
    expect(refused(looker, ['rename', seen, 'mine'])).toEqual([5, 'not_allowed']);
    // From-join: what was printed and what happened before is not theirs (M3).
    expect(looker.run('output', seen)).not.toContain('from-afar');
    const [first] = looker.json<Event[]>('events', seen);
    expect(first?.type).toBe('withheld');
  });

  test('[M2] a role is changed, a member revoked, at once', async () => {
    const [, viewer] = home.json<Member[]>('members', 'api');
    const seen = looker.json<{ ref: string }[]>('ls', '--all')[0]?.ref ?? '';
    home.run('role', 'api', viewer?.name ?? '', 'operator');
    looker.run('send', seen, 'echo by-looker', '--enter');
    await until('their typing', () => home.run('screen', 'api').includes('\nby-looker'));
    expect(home.json('revoke', 'api', viewer?.id ?? '')).toMatchObject({ devices: [viewer?.devices[0]?.id] });
    expect(refused(looker, ['screen', seen])[0]).toBeGreaterThan(0);
    expect(home.json<Member[]>('members', 'api').map(({ name }) => name)).toEqual(['alice']);
  });

  test('a second device joins as the same member', () => {
    const other = new Skein();
    try {
      other.run('mesh', '--listen', 'none', '--name', 'tablet');
      const { ticket } = home.json<Shared>('share', 'api', '--member', 'alice', '--role', 'viewer');
      join(other, ticket);
      const [alice] = home.json<Member[]>('members', 'api');
      expect(alice?.devices.map(({ name }) => name)).toContain('tablet');
      expect(home.run('revoke', 'api', 'alice', '--device', 'tablet')).toMatch(
        /shut out\.\nThat is for good/,
      );
      expect(home.json<Member[]>('members', 'api')[0]?.devices).toHaveLength(1);
    } finally {
      other.destroy();
    }
  });

  test('tickets are listed and withdrawn', () => {
    const { ticket } = home.json<Shared>('share', 'api', '--uses', '3');
    const [open] = home.json<{ id: string; left: number }[]>('tickets', 'api');
    expect(open).toMatchObject({ left: 3, role: 'viewer' });
    home.run('tickets', 'api', '--withdraw', open?.id ?? '');
    expect(home.json('tickets', 'api')).toEqual([]);
    expect(refused(looker, ['join', '-'], ticket)[0]).toBe(5);
  });

  test('what its node has renamed or removed is known so once that was listed', () => {
    home.run('run', '-d', '--name', 'other', '--', 'cat');
    join(guest, home.json<Shared>('share', 'other').ticket);
    const known = () => {
      guest.run('ls', '--all');
      return guest.json<{ sessions: { name: string }[] }[]>('nodes')[0]?.sessions.map(({ name }) => name);
    };
    expect(known()).toEqual(['api', 'other']);
    home.run('rename', 'other', 'another');
    expect(known()).toEqual(['api', 'another']);
    home.run('rm', '--force', 'another');
    expect(known()).toEqual(['api']);
  });

  test('nodes are renamed, blocked, forgotten', () => {
    const [node] = guest.json<{ peer: string; name: string }[]>('nodes');
    guest.run('node', 'rename', node?.name ?? '', 'work');
    expect(guest.run('screen', 'work:api')).toContain('42-kept');
    const [device] = home.json<Member[]>('members', 'api')[0]?.devices ?? [];
    home.run('node', 'block', device?.id ?? '');
    expect(refused(guest, ['screen', 'work:api'])[0]).toBe(4);
    home.run('node', 'unblock', device?.id ?? '');
    expect(guest.run('screen', 'work:api')).toContain('42-kept');
    guest.run('node', 'forget', 'work');
    expect(refused(guest, ['screen', 'work:api'])).toEqual([3, 'not_found']);
    expect(guest.json('nodes')).toEqual([]);
  });
});
