/** When a time has come for questions and tasks, in a real log, while the clock of the day is set (rules N3, N4). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { expect, onTestFinished, test } from 'vitest';
import { stateUntil } from '../actors/until.ts';
import { Kernel } from '../kernel/kernel.ts';
import { PEER } from '../machines/home/far.fixture.ts';
import { nodeActor } from '../sessions/node-actor.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { TaskClock } from './clock.ts';

test('[N4] a default counts at its time though the clock of the day was set back meanwhile', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-clock-'));
  let set = 0;
  const now = () => Date.now() + set;
  const kernel = await Kernel.open({ dir, now });
  kernel.registerActor(nodeActor);
  kernel.registerActor(sessionActor);
  const clock = new TaskClock({ kernel, asks: () => {}, now });
  onTestFinished(async () => {
    clock.stop();
    await kernel.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const id = newId();
  let seq = 0;
  const give = async (target: string, type: string, body: object, facts?: object) => {
    seq += 1;
    const id = { client: 'c', seq };
    const reply = await kernel.execute(LOCAL_OWNER, { id, target, type, body }, facts);
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  };
  // One elsewhere, of which nothing comes.
  const agent = { agent: newId(), run: newId(), definition: 'fake', on: PEER };
  await give('node', 'session.open', { id, cwd: '/', agent }, { far: { peer: PEER, node: 'box' } });
  clock.start();
  const question = { question: newId(), text: 'Which?', options: ['a', 'b'], default: 'a', after: 1_000 };
  await give(`session/${id}`, 'question.ask', question);
  set = -400;
  const settled = ({ settledQuestions }: SessionState) => settledQuestions.length > 0;
  const state = await stateUntil<SessionState>(kernel, `session/${id}`, settled, AbortSignal.timeout(5_000));
  expect(state.settledQuestions).toMatchObject([{ how: 'default', answer: 'a' }]);
});
