/** Agents of another node by the same commands, through a real relay: as each role may (rules A5, M2, M4). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from './support/relay-process.ts';

const relayHome = makeRelayHome();
let relay: RelayProcess;
let home: Skein;
const guests: Record<string, Skein> = {};
const refs: Record<string, string> = {};

beforeAll(async () => {
  relay = await RelayProcess.start(relayHome);
  home = new Skein();
  defineFake(home.home);
  home.run('run', '-d', '--name', 'api', 'fake');
  home.run('mesh', '--listen', 'none');
  for (const role of ['viewer', 'approver', 'operator']) {
    const guest = new Skein();
    guests[role] = guest;
    guest.run('mesh', '--listen', 'none');
    const history = role === 'approver' ? 'from-join' : 'all';
    const args = ['--role', role, '--relay', relay.url, '--history', history];
    const { ticket } = home.json<{ ticket: string }>('share', 'api', ...args);
    const joined = guest.try(['join', '-', '--json', '--name', role], { input: ticket });
    refs[role] = JSON.parse(joined.stdout).ref;
  }
}, 60_000);

afterAll(async () => {
  for (const one of [...Object.values(guests), home]) one.destroy();
  relay.child.kill();
  await relay.ended;
  destroyRelayHome(relayHome);
});

const as = (role: string) => guests[role] as Skein;
const at = (role: string) => refs[role] as string;

function refused(role: string, ...args: string[]): [number | null, string] {
  const { status, stderr } = as(role).try([...args, '--json']);
  return [status, JSON.parse(stderr).error.code];
}

test('[M4] an operator prompts an agent elsewhere and reads its reply, its queue, its usage and its transcript', () => {
  const [who, ref] = [as('operator'), at('operator')];
  expect(who.run('prompt', '-w', ref, 'from afar')).toBe('You said: from afar\n');
  const large = who.try(['prompt', '-w', `${ref}/fake`, '-'], { input: 'y'.repeat(400_000) });
  expect(large.stdout).toBe('400000\n');
  expect(who.run('agents', ref)).toMatch(new RegExp(`^${ref}/fake +idle`, 'm'));
  expect(who.run('transcript', ref, '-n', '2')).toContain('> from afar');
  expect(who.run('mode', ref)).toMatch(/^\* +ask /);
  expect(who.run('usage', ref)).toMatch(/^operator +2 /m);
  expect(home.run('usage', 'api')).toMatch(/^operator +2 /m);
  expect(refused('operator', 'prompt', ref, '-f', 'relative')).toEqual([2, 'bad_request']);
  expect(refused('operator', 'screen', ref)).toEqual([1, 'no_terminal']);
});

test('[M3] [A1] who reads on only from when they came sees what it has offered since before', () => {
  expect(as('approver').run('mode', at('approver'))).toMatch(/^\* +ask +Ask first\n +code +Just do it\n$/);
});

test('[A5] what it asks is answered by an approver from their own machine, and whoever is later is told', async () => {
  const write = steps({ do: 'write', call: 'a', path: 'a', content: 'A', ask: true });
  const reply = as('operator').later(['prompt', '-w', at('operator'), write]);
  await until('the question is there', () => as('approver').run('approvals', '--all').includes('api/fake'));
  const [asked] = as('approver').json<{ approval: string; yours: boolean }[]>('approvals', at('approver'));
  const [seen] = as('viewer').json<{ approval: string; yours: boolean }[]>('approvals', at('viewer'));
  expect([asked?.yours, seen?.yours]).toEqual([true, false]);
  const id = asked?.approval as string;
  const [node] = at('viewer').split(':');
  expect(refused('viewer', 'approve', `${node}:${id}`)).toEqual([5, 'not_allowed']);
  // No node is named: it is looked for on all that were joined.
  expect(as('approver').run('approve', `${id.slice(0, 4)}.a1`)).toMatch(/^allowed: .*api\/fake/);
  const { status, stderr } = await reply;
  expect(status).toBe(0);
  expect(stderr).toMatch(/allowed by approver/);
  const late = home.try(['deny', id]);
  expect(late.status).toBe(1);
  expect(late.stderr).toContain('allowed by approver already');
});

test('[M2] who may only look on is refused everything else', () => {
  const ref = at('viewer');
  for (const args of [
    ['prompt', ref, 'x'],
    ['cancel', ref],
    ['mode', ref, 'code'],
    ['stop', ref],
    ['restart', ref],
    ['spawn', 'fake', '--in', ref],
  ])
    expect([args[0], ...refused('viewer', ...args)]).toEqual([args[0], 5, 'not_allowed']);
  expect(as('viewer').run('transcript', ref, '-o', 'text')).toContain('You said: from afar');
});
