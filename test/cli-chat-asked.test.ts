/** What people are asked, in `skein chat`: shown, told elsewhere, answered by a key or in words (rule N4). */
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Chats, lit } from './support/chats.ts';
import { Skein } from './support/cli.ts';
import type { PtyScreen } from './support/pty-screen.ts';
import { connectTo, defineTalking, openTalking } from './support/talking.ts';

let skein: Skein;
let client: Client;
const chats = new Chats();

beforeAll(async () => {
  skein = new Skein();
  skein.run('up');
  defineTalking(skein.home);
  client = await connectTo(skein.home);
});
afterEach(() => chats.close());
afterAll(() => {
  client.close();
  skein.destroy();
});

const ready = (ref: string) => chats.ready(skein, ref);
const armed = (shown: PtyScreen) => lit(shown, /^ {2}1 {2,}80/);

async function ask(session: string, text: string, more: object = {}): Promise<string> {
  const question = newId();
  const body = { question, text, options: [], other: false, ...more };
  await client.command(`session/${session}`, 'question.ask', body);
  return question;
}

const settled = async (session: string, question: string) => {
  const now = await client.ask('question', { ref: session, question, wait: 10_000 });
  return 'how' in now ? now.answer : null;
};

test('[N4] a question is shown with its options, a digit chooses one, and /answer says anything else', async () => {
  const { id, agents } = await openTalking(client, 'one', skein.home, ['ann']);
  const shown = await ready('one');
  const first = await ask(id, 'Which port?', { options: ['80', '8080'], agent: agents[0] });
  await shown.until('the question', (text) => /ann wants to know.*Which port\?.*1 +80 +2 +8080/s.test(text));
  await shown.until('it in the transcript', (text) => text.includes('asks people: Which port? (80 | 8080)'));
  await armed(shown);
  shown.type('2');
  expect(await settled(id, first)).toBe('8080');
  await shown.until('it gone', (text) => !text.includes('wants to know') && text.includes('answered: 8080'));
  const second = await ask(id, 'What name?');
  await shown.until('the next', (text) => /a program wants to know.*What name\?/s.test(text));
  shown.type('/answer blue whale\r');
  expect(await settled(id, second)).toBe('blue whale');
});

test('[N4] what waits in other sessions is told in a number', async () => {
  const { id } = await openTalking(client, 'two', skein.home, ['ann']);
  await openTalking(client, 'three', skein.home, ['ann']);
  await ask(id, 'Anybody?');
  const shown = await ready('three');
  await shown.until('the hint', (text) => text.includes('1 waiting elsewhere'));
});
