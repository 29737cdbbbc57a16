/** Reading that is stopped while it waits for what does not come, as JavaScript has it (rule L3): by return and by a signal. */
import { getEventListeners } from 'node:events';
import { type Skein as Connected, connectSkein } from '@skein/client';
import type { SkeinTerminal } from '@skein/client/terminal';
import type { Cursor } from '@skein/protocol/channel/frames';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineTalking } from './support/talking.ts';

let skein: Skein;
let connected: Connected;
let cat: SkeinTerminal;

beforeAll(async () => {
  skein = new Skein();
  skein.run('up');
  defineTalking(skein.home);
  connected = await connectSkein({ home: skein.home, start: false });
  cat = await connected.run(['cat'], { name: 'cat', cwd: skein.home });
});
afterAll(() => {
  connected?.close();
  skein.destroy();
});

/** Where the session has got to. */
async function head(): Promise<Cursor> {
  return (await connected.session(cat.session)).cursor ?? { offset: 0 };
}

test('[L3] events that are waited for end with return, and the connection goes on', async () => {
  const events = connected.events('cat', await head());
  const waiting = [events.next(), events.next()];
  expect(await events.return(undefined)).toEqual({ done: true, value: undefined });
  expect(await Promise.all(waiting)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  expect(await events.next()).toEqual({ done: true, value: undefined });
  // As many as a connection has lanes for, twice: none was kept.
  for (let n = 0; n < 130; n++) {
    const one = connected.events('cat');
    await one.next();
    await one.return(undefined);
  }
  expect((await connected.sessions()).length).toBe(1);
});

test('[L3] a signal stops it with its reason, and nothing of it stays with the signal', async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const reading = (async () => {
    for await (const _ of connected.events('cat', { offset: 0 }, { signal }));
  })();
  for await (const _ of connected.events('cat', { offset: 0 }, { signal, follow: false }));
  const one = connected.events('cat', { offset: 0 }, { signal });
  for await (const _ of one) break;
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  stop.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  const late = connected.events('cat', { offset: 0 }, { signal });
  await expect(late.next()).rejects.toThrow('enough');
  expect(await late.next()).toEqual({ done: true, value: undefined });
});

test('[L3] pages and the events of a turn are left in the same way', async () => {
  const stream = `session/${cat.session}`;
  const pages = connected.client.subscribe({ stream, from: await head(), follow: true });
  const reader = pages[Symbol.asyncIterator]();
  const page = reader.next();
  await reader.return?.();
  expect(await page).toEqual({ done: true, value: undefined });
  const agent = await connected.spawn('talking', { session: 'talks', cwd: skein.home });
  const turn = agent.prompt('edit a.txt x => y');
  const events = turn[Symbol.asyncIterator]();
  for (let type = ''; type !== 'approval.asked'; ) type = (await events.next()).value?.type ?? 'none';
  let step: Promise<unknown> = events.next();
  // What came with the question, until it waits for the answer.
  for (;;) {
    const left = new Promise((resolve) => setImmediate(resolve));
    if ((await Promise.race([step, left])) === undefined) break;
    step = events.next();
  }
  await events.return(undefined);
  expect(turn.end).toBeUndefined();
  await agent.stop(0);
});
