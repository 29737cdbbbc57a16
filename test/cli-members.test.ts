/** What somebody sees whose role changes, or who is shut out, while their terminal shows the session (rules M2, M3). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from './support/relay-process.ts';
import { Tmux } from './support/tmux.ts';

let home: Skein;
let guest: Skein;
let other: Skein;
let tmux: Tmux;
let ref: string;

beforeAll(() => {
  home = new Skein();
  guest = new Skein();
  other = new Skein();
  tmux = new Tmux();
  home.run('run', '-d', '--name', 'api', '--', 'bash', '--norc');
  const { ticket } = home.json<{ ticket: string }>('share', 'api');
  const { status, stdout } = guest.try(['join', '-', '--json', '--name', 'bob'], { input: ticket });
  expect(status).toBe(0);
  ref = JSON.parse(stdout).ref;
}, 60_000);

afterAll(() => {
  tmux.stop();
  guest.destroy();
  other.destroy();
  home.destroy();
});

const shows = (text: string) => tmux.until('t', text, (screen) => screen.includes(text));

test('[M2] a viewer types in vain until they are made an operator, and then without attaching anew', async () => {
  home.run('send', 'api', 'echo before', '--enter');
  tmux.open('t', `${guest.command} attach ${ref}`, 90, 20);
  await shows('\nbefore');
  tmux.type('t', 'in-vain');
  home.run('role', 'api', 'bob', 'operator');
  await until('their typing', () => {
    tmux.type('t', '+');
    return home.run('screen', 'api').includes('+');
  });
  expect(home.run('screen', 'api')).not.toContain('in-vain');
  expect(tmux.text('t')).not.toContain('cut off');
});

test('[M4] a terminal goes on when its own node was killed: that is started again, and what was typed arrives', async () => {
  process.kill(guest.json<{ pid: number }>('status').pid, 'SIGKILL');
  tmux.keys('t', 'C-c');
  tmux.type('t', 'echo after-$((40+2))');
  tmux.keys('t', 'Enter');
  await shows('\nafter-42');
  expect(home.run('output', 'api').match(/after-42/g)).toHaveLength(1);
});

test('[M2] one who is made a viewer stays attached, and types in vain', async () => {
  home.run('role', 'api', 'bob', 'viewer');
  home.run('send', 'api', '--keys', 'C-c');
  home.run('send', 'api', 'echo still-there', '--enter');
  await shows('\nstill-there');
  tmux.type('t', 'in-vain');
  home.run('send', 'api', 'echo later', '--enter');
  await shows('\nlater');
  expect(home.run('screen', 'api')).not.toContain('in-vain');
});

test('[M3] one who is shut out is told so, by the name of the session', async () => {
  home.run('revoke', 'api', 'bob');
  const text = await shows(`${ref} was removed, or you were shut out of it`);
  expect(text).not.toMatch(/cut off|12D3/);
  const { status, stderr } = guest.try(['screen', ref]);
  expect(status).toBe(5);
  expect(stderr).toContain('ask for a ticket');
});

test('[K5] one who forgets the node while they are attached is told that, and not that they were shut out', async () => {
  const forgetful = new Skein();
  try {
    const { ticket } = home.json<{ ticket: string }>('share', 'api');
    const joined = forgetful.try(['join', '-', '--json'], { input: ticket });
    const { ref: theirs, node } = JSON.parse(joined.stdout) as { ref: string; node: string };
    home.run('send', 'api', 'echo to-forget', '--enter');
    tmux.open('f', `${forgetful.command} attach ${theirs}`, 90, 20);
    await tmux.until('f', 'the screen', (screen) => screen.includes('\nto-forget'));
    forgetful.run('node', 'forget', node);
    const text = await tmux.until('f', 'why', (screen) => screen.includes('(not_found)'));
    expect(text).toContain(`The node of ${theirs} was forgotten here.`);
    expect(text).not.toContain('shut out');
  } finally {
    forgetful.destroy();
  }
});

test('[K5] a node that is not known is said to be so, whether this one meets others or not', () => {
  const alone = new Skein();
  try {
    const { status, stderr } = alone.try(['screen', 'nobody:api']);
    expect(status).toBe(3);
    expect(stderr).toContain('No node "nobody" is known here.');
  } finally {
    alone.destroy();
  }
});

test('[M5] what cannot be had of the mesh is told by the exit status', () => {
  const taken = home.json<{ addrs: string[] }>('mesh').addrs[0]?.match(/\d+$/)?.[0] ?? '';
  expect(guest.try(['mesh', '--listen', `127.0.0.1:${taken}`])).toMatchObject({ status: 1 });
  expect(guest.try(['mesh', '--listen', 'anywhere'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--listen takes a host and port'),
  });
  expect(guest.try(['mesh', '--listen', 'default'])).toMatchObject({ status: 0 });
});

test('[M5] a relay that does not let this node in is told by the exit status too', async () => {
  const relayHome = makeRelayHome();
  const relay = await RelayProcess.start(relayHome, [], { SKEIN_RELAY_TOKEN: 'known-to-nobody-here' });
  try {
    const { status, stdout } = guest.try(['mesh', '--relay', relay.url]);
    expect(stdout).toContain(', refused');
    expect(status).toBe(1);
    // Of what else is changed it says nothing.
    expect(guest.try(['mesh', '--name', 'guest'])).toMatchObject({ status: 0 });
  } finally {
    guest.run('mesh', '--no-relay', relay.url);
    await relay.kill();
    destroyRelayHome(relayHome);
  }
});

test('[M5] an owner sees whose nodes come, and takes a mistyped relay away again', () => {
  expect(home.json<{ name: string; people: string[] }[]>('nodes')).toMatchObject([{ name: '' }]);
  home.run('mesh', '--relay', 'ws://127.0.0.1:9');
  expect(home.run('doctor')).toContain('skein mesh --no-relay ws://127.0.0.1:9');
  home.run('mesh', '--no-relay', 'ws://127.0.0.1:9');
  expect(home.json<{ relays: unknown[] }>('mesh').relays).toEqual([]);
});

test('[M3] a ticket of more is not taken for nothing in silence, nor one for what is not there made', () => {
  const [first, again] = ['viewer', 'operator'].map((role) => {
    const { ticket } = home.json<{ ticket: string }>('share', 'api', '--role', role);
    return other.try(['join', '-'], { input: ticket });
  });
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(again?.stderr).toContain('the ticket is for a role of operator');
  const alone = new Skein();
  try {
    expect(alone.try(['share', 'nope', '--relay', 'ws://127.0.0.1:9'])).toMatchObject({ status: 3 });
    expect(alone.json('mesh')).toMatchObject({ on: false, relays: [] });
  } finally {
    alone.destroy();
  }
});

test('[M3] one who is shut out while they follow in many places is told why in each', async () => {
  const alone = new Skein();
  try {
    const { ticket } = home.json<{ ticket: string }>('share', 'api');
    expect(alone.try(['join', '-', '--name', 'carl'], { input: ticket }).status).toBe(0);
    const followers = Array.from({ length: 8 }, () =>
      spawn(...alone.words('events', ref, '--follow'), { env: alone.env, stdio: 'pipe' }),
    );
    const ended = followers.map(async (child) => {
      const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
      return { status, stderr };
    });
    await Promise.all(followers.map(({ stdout }) => once(stdout, 'data')));
    home.run('revoke', 'api', 'carl');
    for (const { status, stderr } of await Promise.all(ended)) {
      expect(stderr).toContain('rule M2');
      expect(status).toBe(5);
    }
  } finally {
    alone.destroy();
  }
});
