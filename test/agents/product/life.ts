/** The ends and new beginnings of a real agent's process (rule A6): killed, restarted, taken up again by another. */
import { expect, test } from 'vitest';
import { kill, until } from '../../support/processes.ts';
import type { RawAgent } from '../raw-agent.ts';
import { PATIENCE } from '../wire.ts';
import { orderOf, SILENT_ABOUT_THE_PAST } from './expected.ts';
import { type Member, messagesOf } from './member.ts';
import { normalForm } from './normal.ts';
import type { Stage } from './stage.ts';
import { hold, text } from './steps.ts';

/** Milliseconds: agents start twice in it, and take many seconds for that on a busy machine. */
const LIFE_MS = 60_000;

export function lifeOf(agent: RawAgent, stage: () => Stage, member: () => Member): void {
  /** What it says to a prompt, once that is done. */
  async function says(member: Member, words: string): Promise<string[]> {
    const prompt = await member.prompt(text(words));
    expect(await member.ended(prompt)).toBe('done');
    return member.said(prompt);
  }

  /** Whether the model was just shown what the agent had said before. */
  function remembers(words: string): boolean {
    const shown = stage().site.model.asked.findLast(({ conversation }) => conversation.tools.length > 0);
    return JSON.stringify(shown?.conversation.entries).includes(words);
  }

  async function killInTurn(one: Member): Promise<string> {
    const { model } = stage().site;
    const prompt = await one.prompt(text('Cut off.'), hold('killed'));
    await model.held('killed');
    await one.hears(prompt, 'Cut off.');
    const { run, session } = await one.state();
    const kept = () => agent.kept(stage().site, session ?? '', 'Before the kill.');
    await until('the agent has written down what was said', kept, PATIENCE);
    kill(run?.pid ?? 0);
    expect(await one.ended(prompt)).toBe('lost');
    expect(normalForm(one.log.events, prompt)).toEqual(orderOf(agent.name, 'lost'));
    agent.age?.(stage().site);
    await one.ready(run?.run);
    return session ?? '';
  }

  test('[A6] killed in a turn, and restarted, it goes on with its own session', {
    timeout: LIFE_MS,
  }, async () => {
    const one = member();
    expect(await says(one, 'Before the kill.')).toEqual(['Before the kill.']);
    const session = await killInTurn(one);
    expect(await says(one, 'After the kill.')).toEqual(['After the kill.']);
    expect(remembers('Before the kill.')).toBe(true);

    const { run } = await one.state();
    await one.restart();
    await one.ready(run?.run);
    expect(await says(one, 'Restarted.')).toEqual(['Restarted.']);
    expect([remembers('Before the kill.'), remembers('After the kill.')]).toEqual([true, true]);
    expect((await one.state()).session).toBe(session);
    // What is known already was not told again.
    expect(one.transcript.turns.filter(({ replayed }) => replayed)).toEqual([]);
  });

  test('[A6] another goes on with the session of one that has ended, and tells its past', {
    timeout: LIFE_MS,
  }, async () => {
    const one = await stage().open(agent);
    expect(await says(one, 'As the first.')).toEqual(['As the first.']);
    const { session } = await one.state();
    await one.end();
    agent.age?.(stage().site);

    const other = await stage().add(one, agent, session ?? '');
    await other.ready();
    const silent = agent.name in SILENT_ABOUT_THE_PAST;
    const told = () => {
      const past = other.transcript.turns.filter(({ replayed }) => replayed);
      return {
        user: past.flatMap((turn) => messagesOf(turn, 'user')).join(),
        agent: past.flatMap((turn) => messagesOf(turn, 'agent')),
      };
    };
    // Gemini is ready before it tells of it.
    if (!silent) await until('it has told its past', async () => told().agent.length > 0, PATIENCE);
    expect(told().agent).toEqual(silent ? [] : ['As the first.']);
    expect(told().user.includes('As the first.')).toBe(!silent);
    expect(await says(other, 'As another.')).toEqual(['As another.']);
    expect(remembers('As the first.')).toBe(true);
    await other.end();
  });

  test('[A6] one that refuses the session it is to go on with has failed, and says why', {
    timeout: LIFE_MS,
  }, async () => {
    const one = await stage().open(agent, agent.unknownSession);
    const { code, message } = await one.fault();
    expect(code).toBe('agent_start_failed');
    expect(message).not.toBe('');
    await one.exited();
    await one.rests();
    await one.stop();
    await until('it is stopped', async () => (await one.state()).life === 'stopped', PATIENCE);
  });
}
