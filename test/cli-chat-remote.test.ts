/** `skein chat` over a relay, as a member of another machine's session (rules M2, M4, U1, U2). */
import type { Client } from '@skein/protocol/client/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Chats } from './support/chats.ts';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from './support/relay-process.ts';
import { connectTo, defineTalking, openTalking } from './support/talking.ts';

const relayHome = makeRelayHome();
let relay: RelayProcess;
let home: Skein;
let guest: Skein;
let client: Client;
const chats = new Chats();

beforeAll(async () => {
  relay = await RelayProcess.start(relayHome);
  home = new Skein();
  guest = new Skein();
  for (const one of [home, guest]) one.run('mesh', '--listen', 'none');
  defineTalking(home.home);
  client = await connectTo(home.home);
  await openTalking(client, 'api', home.home, ['ann']);
}, 60_000);
afterEach(() => chats.close());
afterAll(async () => {
  client.close();
  for (const one of [guest, home]) one.destroy();
  relay.child.kill();
  await relay.ended;
  destroyRelayHome(relayHome);
});

describe('[M4] a chat with agents on another machine', () => {
  let ref: string;

  test('[M2] somebody who may look on only is told so, and nothing they type goes anywhere', async () => {
    const options = ['--role', 'viewer', '--history', 'all', '--relay', relay.url];
    const { ticket } = home.json<{ ticket: string }>('share', 'api', ...options);
    ref = JSON.parse(guest.try(['join', '-', '--json', '--name', 'bea'], { input: ticket }).stdout).ref;
    const mine = chats.open(home, 'api');
    const theirs = chats.open(guest, ref);
    await mine.shows('─ idle');
    await theirs.shows('you may look on, as viewer');
    await mine.shows('with bea');
    mine.type('edit a.txt x => y\r');
    await theirs.shows('an approver has to answer');
    theirs.type('y');
    await theirs.shows('You may look on only, as viewer');
    expect(mine.text).toContain('ann asks');
  });

  test('[U2] once they may, they answer and write, and each is told who did', async () => {
    const [{ id }] = home.json<[{ id: string }]>('members', 'api');
    home.run('role', 'api', id, 'operator');
    const mine = chats.open(home, 'api');
    const theirs = chats.open(guest, ref);
    await theirs.shows('ann asks');
    await theirs.until('an editor', (text) => text.includes('write to the agent'));
    // What answers light up by is in another test: alt needs no waiting.
    theirs.type('\x1by');
    await mine.shows('allowed by bea');
    await theirs.shows('allowed by you');
    theirs.type('say from afar\r');
    await mine.shows('bea: say from afar');
    await mine.until('the reply', (text) => /\n {3}from afar/.test(text));
  });

  test('[M3] somebody who may read nothing of before talks with the agents that are there', async () => {
    const options = ['--role', 'operator', '--relay', relay.url];
    const { ticket } = home.json<{ ticket: string }>('share', 'api', ...options);
    const late = new Skein();
    try {
      late.run('mesh', '--listen', 'none');
      const joined = JSON.parse(late.try(['join', '-', '--json', '--name', 'cy'], { input: ticket }).stdout);
      const theirs = chats.open(late, joined.ref);
      await theirs.shows('─ idle');
      expect(theirs.text).not.toContain('from afar');
      theirs.type('say to the latecomer\r');
      await theirs.until('the reply', (text) => /\n {3}to the latecomer/.test(text));
      await theirs.shows('╰ done');
      theirs.type('\x04');
      await theirs.end();
    } finally {
      late.destroy();
    }
  });

  test('[U1] cut off it says so, and goes on where it was', async () => {
    const theirs = chats.open(guest, ref);
    await theirs.shows('─ idle');
    theirs.type('stream 300 10\r');
    await theirs.shows('word-10 ');
    const { port } = new URL(relay.url);
    relay.child.kill('SIGKILL');
    await relay.ended;
    await theirs.shows('cut off for');
    relay = await RelayProcess.start(relayHome, ['--port', port]);
    await until('it is back', () => !theirs.text.includes('cut off for'));
    await theirs.shows('word-300.');
    const words = theirs.text.match(/word-\d+/g) ?? [];
    const first = Number(words[0]?.slice(5));
    expect(words).toEqual(words.map((_, i) => `word-${first + i}`));
  }, 60_000);
});
