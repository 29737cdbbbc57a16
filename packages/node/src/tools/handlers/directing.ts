/** The tools that start agents and tell them what to do (rules N1, N2). */
import { SkeinError } from '@skein/protocol/errors';
import { keyBytes } from '@skein/protocol/text/keys';
import { leftFor } from '@skein/protocol/tools/lineage';
import { agentNow, inWords } from '../agents-now.ts';
import { bounded, wrong } from '../answers.ts';
import { type Directing, needRole, needTerminal } from '../judge.ts';
import type { ToolRun } from '../tool-run.ts';
import type { ToolHandlers } from './handler.ts';

/** Milliseconds that one that is stopped has to end by itself. */
const STOP_GRACE_MS = 5_000;

type Named = 'prompt' | 'message' | 'interrupt' | 'stop' | 'approve' | 'type';

export const directingHandlers: ToolHandlers<Named> = {
  async prompt({ agent: ref, text, wait, timeout }, run) {
    const { agent, name } = run.agent(await run.state(), ref);
    const { prompt, before } = await queue(run, agent, text);
    if (!wait) {
      const behind = before === 0 ? '' : ` It has ${before} before it.`;
      return {
        text: `${name} was given it.${behind} Use "wait" to learn when it has finished.`,
        data: { prompt, before, over: false, now: null },
      };
    }
    const { state, over } = await run.until((now) => {
      const one = now.agents[agent];
      if (one === undefined || ['stopped', 'exited', 'failed'].includes(one.life)) return true;
      const waits = one.queue.some((queued) => queued.prompt === prompt) || one.turn?.prompt === prompt;
      return !waits || Object.values(now.approvals).some((asked) => asked.agent === agent && !asked.answered);
    }, timeout);
    const one = state.agents[agent];
    const told = one === undefined ? null : await agentNow(run.parts.kernel, state, one);
    await run.reportsSeen(state, [agent]);
    const words = told === null ? `${name} was removed.` : inWords(told);
    const { text: shown } = bounded(over ? `The time is over; as it is now:\n${words}` : words);
    return { text: shown, data: { prompt, before, over, now: told } };
  },

  async message({ agent: ref, text }, run) {
    const state = await run.state();
    const { agent, name } = run.agent(state, ref);
    const from = run.mine(state)?.name ?? 'the user of the machine';
    const { prompt, before } = await queue(run, agent, `Message from ${from}:\n\n${text}`);
    return { text: `${name} will be told.`, data: { prompt, before } };
  },

  async interrupt({ agent: ref }, run) {
    const { agent, name } = run.agent(await run.state(), ref);
    try {
      const { turn } = (await run.toSession('cancel', 'turn.cancel', { agent })) as { turn: string };
      return { text: `${name} was asked to end its turn.`, data: { agent, turn } };
    } catch (error) {
      if (SkeinError.from(error).code !== 'no_turn') throw error;
      return { text: `${name} is at nothing.`, data: { agent, turn: null } };
    }
  },

  async stop({ agent: ref }, run) {
    const state = await run.state();
    const { agent, name, life } = run.agent(state, ref);
    if (life === 'stopped' || life === 'exited' || life === 'failed')
      return { text: `${name} has ended already.`, data: { agent } };
    await run.toSession('stop', 'agent.stop', { agent, grace: STOP_GRACE_MS });
    return { text: `${name} is being ended.`, data: { agent } };
  },

  async approve({ approval, answer, reason }, run) {
    const state = await run.state();
    if (!Object.hasOwn(state.approvals, approval)) {
      const open = Object.values(state.approvals).filter(({ answered }) => answered === null);
      const there = open
        .map((one) => `"${one.approval}" (${one.title})`)
        .slice(0, 10)
        .join(', ');
      throw wrong(
        'approval',
        `"approval": nothing waits under that id. ${there === '' ? 'Nothing waits at all.' : `There waits: ${there}.`}`,
      );
    }
    const body = { approval, answer, always: false, ...(reason === undefined ? {} : { reason }) };
    const { outcome } = (await run.toSession('answer', 'approval.answer', body)) as {
      outcome: 'allowed' | 'denied';
    };
    return { text: `It is ${outcome}.`, data: { approval, outcome } };
  },

  async type({ text = '', keys = [] }, run) {
    const state = await run.state();
    const me = run.mine(state);
    if (me?.direct) {
      needRole(me as Directing, 'operator');
      needTerminal(me as Directing, state);
    }
    const plain = pressed(keys, false);
    const application = pressed(keys, true);
    const wanted = plain !== application && (await wantsApplication(run)) ? application : plain;
    const bytes = Buffer.from(text + wanted);
    if (bytes.length === 0)
      throw wrong('text', 'Nothing to type: give "text", or "keys" such as ["enter"].', 'bad_request');
    await run.type(bytes);
    return {
      text: `${bytes.length} bytes were typed. "screen" shows what came of it.`,
      data: { bytes: bytes.length },
    };
  },
};

/** What a terminal sends for these keys, if the program has asked for application cursor keys or not. */
function pressed(keys: readonly string[], application: boolean): string {
  const bytes = keys.map((name, n) => {
    try {
      return keyBytes(asTmux(name), application);
    } catch (error) {
      const why = SkeinError.from(error).message;
      throw wrong(`keys[${n}]`, `"keys[${n}]" is not right: ${why}`, 'bad_request');
    }
  });
  return bytes.join('');
}

/** Where nothing is told of it, as terminals begin. Either form is as long: what a call has typed already is known again (H3). */
async function wantsApplication(run: ToolRun): Promise<boolean> {
  const screen = await run.ask('screen', { ref: run.session, form: 'text' }).catch(() => undefined);
  return screen?.applicationCursor ?? false;
}

/** `ctrl-c` as well as `C-c`. */
function asTmux(name: string): string {
  return name
    .replace(/^(?:ctrl|control)[-+](?=.)/i, 'C-')
    .replace(/^(?:alt|meta)[-+](?=.)/i, 'M-')
    .replace(/^shift[-+](?=.)/i, 'S-');
}

/** Puts a prompt of one text into an agent's queue; the same call again finds it there, or done. */
export async function queue(
  run: ToolRun,
  agent: string,
  text: string,
): Promise<{ prompt: string; before: number }> {
  const prompt = run.id('prompt');
  const reply = await run.toSession('prompt', 'prompt.queue', {
    agent,
    prompt,
    parts: [{ type: 'text', text }],
  });
  return { prompt, before: (reply as { before: number }).before };
}

/** How many more the caller may start now; null for a person. */
export async function left(run: ToolRun): Promise<number | null> {
  const state = await run.state();
  const me = run.mine(state);
  return me === undefined ? null : leftFor(state, me);
}
