/** What C-c does at each moment of a prompt that is waited for (rule A4). */
import { SkeinError } from '@skein/protocol/errors';
import { afterEach, expect, test } from 'vitest';
import type { FoundAgent } from '../../agents/open.ts';
import { Interrupt } from './interrupt.ts';

const given: [type: string, body: unknown][] = [];
let interrupt: Interrupt | undefined;
afterEach(() => {
  interrupt?.stop();
  given.length = 0;
});

/** A node that takes a prompt back, or says that it has begun. */
function pressable(begun: boolean): Interrupt {
  const command = async (_: string, type: string, body: unknown) => {
    given.push([type, body]);
    if (type === 'prompt.cancel' && begun) throw new SkeinError('gone', 'It has begun.');
  };
  const found = { client: { command }, session: { id: 's' }, agent: { agent: 'a' } };
  interrupt = new Interrupt(found as unknown as FoundAgent, 'p');
  return interrupt;
}
const turnOver = () => new Promise(setImmediate);

test('[A4] one that waits in the queue is taken back', async () => {
  pressable(false).press();
  await turnOver();
  expect(given).toEqual([['prompt.cancel', { agent: 'a', prompt: 'p' }]]);
});

test('[A4] the turn that is known to have begun is cancelled', () => {
  const one = pressable(true);
  one.turn('t1');
  one.press();
  expect(given).toEqual([['turn.cancel', { agent: 'a', turn: 't1' }]]);
});

test('[A4] one that has begun, and is not known to have, is cancelled as soon as it is', async () => {
  const one = pressable(true);
  one.press();
  await turnOver();
  one.turn(undefined);
  expect(given.map(([type]) => type)).toEqual(['prompt.cancel']);
  one.turn('t1');
  one.turn('t1');
  expect(given.slice(1)).toEqual([['turn.cancel', { agent: 'a', turn: 't1' }]]);
});
