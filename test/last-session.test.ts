/** What is remembered of another node once the last session that was joined there is gone, or shut to who joined it (rule M4). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

const home = new Skein();
const guest = new Skein();
let node: string;

beforeAll(() => {
  for (const one of [home, guest]) one.run('mesh', '--on');
}, 60_000);

afterAll(() => {
  for (const one of [guest, home]) one.destroy();
});

function joined(session: string): void {
  home.run('run', '-d', '--name', session, '--', 'cat');
  const { ticket } = home.json<{ ticket: string }>('share', session);
  const { status, stdout } = guest.try(['join', '-', '--json'], { input: ticket });
  expect(status).toBe(0);
  ({ node } = JSON.parse(stdout));
}

/** As they are known once they were listed. */
function known(): string[] | undefined {
  guest.run('ls', '--all');
  const nodes = guest.json<{ name: string; sessions: { name: string }[] }[]>('nodes');
  return nodes.find(({ name }) => name === node)?.sessions.map(({ name }) => name);
}

test('[M4] the last session of a node is forgotten as any other, once that was listed', () => {
  joined('api');
  expect(known()).toEqual(['api']);
  home.run('rm', '--force', 'api');
  expect(known()).toEqual([]);
});

test('[M4] a node that is blocked here keeps what is remembered of it', () => {
  joined('web');
  guest.run('node', 'block', node);
  expect(known()).toEqual(['web']);
  guest.run('node', 'unblock', node);
  expect(known()).toEqual(['web']);
});

test('[M3] a session that somebody was shut out of is forgotten by their node', () => {
  const [member] = home.json<{ name: string }[]>('members', 'web');
  home.run('revoke', 'web', member?.name ?? '');
  expect(known()).toEqual([]);
});
