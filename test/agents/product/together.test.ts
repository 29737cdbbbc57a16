/** All four real agents in one session at once, each at its own work, and none in another's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RAW_AGENTS } from '../all.ts';
import { needsAgents } from '../needs-agent.ts';
import { written } from '../scenes.ts';
import { orderOf } from './expected.ts';
import type { Member } from './member.ts';
import { normalForm } from './normal.ts';
import { Stage } from './stage.ts';
import { hold, text, write } from './steps.ts';

/** Milliseconds until four agents have started on a busy machine. */
const START_MS = 120_000;

needsAgents(RAW_AGENTS.map(({ name }) => name))('four agents in one session', (programs) => {
  let stage: Stage;
  let members: Member[];
  beforeAll(async () => {
    stage = await Stage.start(RAW_AGENTS.map((agent) => ({ agent, program: programs[agent.name] ?? '' })));
    const [first, ...others] = RAW_AGENTS;
    const member = await stage.spawn(first as (typeof RAW_AGENTS)[number]);
    members = [member];
    for (const agent of others) members.push(await stage.add(member, agent));
    for (const one of members) await one.ready();
  }, START_MS);
  afterAll(() => stage?.stop());

  test('[A1] [A4] they speak at once, each as it does alone', async () => {
    const { model } = stage.site;
    const prompts: string[] = [];
    for (const [n, member] of members.entries())
      prompts.push(await member.prompt(text(`I am ${n}.`), hold(`one ${n}`)));
    for (const n of members.keys()) await model.held(`one ${n}`);
    for (const [n, member] of members.entries()) await member.hears(prompts[n] as string, `I am ${n}.`);
    const states = await Promise.all(members.map((member) => member.state()));
    expect(states.map(({ turn }, n) => turn?.prompt === prompts[n])).toEqual(members.map(() => true));
    for (const n of members.keys()) model.release(`one ${n}`);
    for (const [n, member] of members.entries()) {
      const prompt = prompts[n] as string;
      expect(await member.ended(prompt)).toBe('done');
      expect(member.said(prompt)).toEqual([`I am ${n}.`]);
      expect(normalForm(member.events, prompt)).toEqual(orderOf(RAW_AGENTS[n]?.name ?? 'claude', 'queued'));
    }
  });

  test('[A5] they ask at once, and each answer is for one of them', async () => {
    const prompts: string[] = [];
    for (const [n, member] of members.entries())
      prompts.push(await member.prompt(write(`f${n}.txt`, `${n}\n`), text('Done.')));
    const approvals = await Promise.all(members.map((member, n) => member.asked(prompts[n] as string)));
    const waiting = await stage.client.ask('approvals', { ref: members[0]?.log.session ?? '' });
    expect(waiting.approvals.map(({ approval }) => approval).sort()).toEqual([...approvals].sort());
    const answers = ['allow', 'deny', 'allow', 'deny'] as const;
    for (const [n, member] of members.entries())
      await member.answer(approvals[n] as string, answers[n] as 'allow');
    for (const [n, member] of members.entries())
      expect(await member.ended(prompts[n] as string)).toBe('done');
    const files = members.map((_, n) => written(stage.site, `f${n}.txt`));
    expect(files).toEqual(['0\n', undefined, '2\n', undefined]);
  });
});
