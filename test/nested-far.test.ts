/** Sessions of two machines that would show each other, by the real `skein` (rule H5). */
import { markOf } from '@skein/node/sessions/showings';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { connectAway } from './support/transport.ts';

const home = new Skein();
const guest = new Skein();

/** Each machine's session joined by the other; as what. */
function joined(owner: Skein, session: string, other: Skein): string {
  const { ticket } = owner.json<{ ticket: string }>('share', session, '--role', 'operator');
  const { stdout } = other.try(['join', '-', '--json'], { input: ticket });
  return (JSON.parse(stdout) as { ref: string }).ref;
}

let near: string;
let far: string;

beforeAll(() => {
  for (const one of [home, guest]) one.run('mesh', '--on');
  home.run('run', '-d', '--name', 'near', '--size', '150x10', '--', 'sh');
  guest.run('run', '-d', '--name', 'far', '--size', '150x10', '--', 'sh');
  guest.run('run', '-d', '--name', 'between', '--size', '150x10', '--', 'sh');
  near = joined(home, 'near', guest);
  far = joined(guest, 'far', home);
}, 60_000);

afterAll(() => {
  for (const one of [guest, home]) one.destroy();
});

const attached = (one: Skein, session: string) =>
  one.json<{ name: string; attached: number }[]>('ls').find(({ name }) => name === session)?.attached;

const refusals = (session: string) => guest.run('output', session).split('(bad_request)').length - 1;

test('[H5] a session does not show itself by way of one on another machine, nor of two', async () => {
  home.run('send', 'near', `${home.command} attach ${far}`, '--enter');
  await until('the other machine shows', () => attached(guest, 'far') === 1);
  for (const [before, words] of [`attach ${near}`, `output -f ${near}`].entries()) {
    guest.run('send', 'far', `${guest.command} ${words}`, '--enter');
    await until('the refusal', () => refusals('far') > before);
  }
  expect(attached(home, 'near')).toBe(0);
  // What another one on that machine shows may be seen in the first, as long as that is not to be seen there.
  guest.run('send', 'far', `${guest.command} attach between`, '--enter');
  await until('it shows the next', () => attached(guest, 'between') === 1);
  guest.run('send', 'between', `${guest.command} attach ${near}`, '--enter');
  await until('the refusal', () => refusals('between') === 1);
  expect(attached(home, 'near')).toBe(0);
});

test('[H5] [M2] what is told of it to another machine names no session', async () => {
  const all = guest.json<{ id: string; name: string }[]>('ls');
  const id = (name: string) => all.find((one) => one.name === name)?.id ?? '';
  const [node = ''] = far.split(':');
  const client = await connectAway(home.home, node);
  try {
    const told = await client.ask('session', { ref: id('far') });
    expect(told.shows).toEqual([markOf(id('between'))]);
    expect(JSON.stringify(told)).not.toContain(id('between'));
  } finally {
    client.close();
  }
});
