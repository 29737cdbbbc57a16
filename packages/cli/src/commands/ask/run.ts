/** Asks, and if that is wanted waits for the answer (rule N4). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { QuestionCommands } from '@skein/protocol/questions/commands';
import { MAX_DEFAULT_AFTER_MS } from '@skein/protocol/questions/limits';
import type { SettledQuestion } from '@skein/protocol/questions/state';
import { PATIENCE_MS, streamOf } from '../../agents/open.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { endBy } from '../../output/end-by.ts';
import { print, printJson } from '../../output/write.ts';
import { type MeantSession, sessionMeant } from '../../tasks/session-meant.ts';

/** Milliseconds for which one question to the node may stand. */
const WAIT_MS = 30_000;
const GOING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function run(call: Call): Promise<void> {
  const options = (call.text('options') ?? '')
    .split(',')
    .flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
  const after = parseDuration('after', call.text('after'), MAX_DEFAULT_AFTER_MS);
  const timeout = parseDuration('timeout', call.text('timeout'), MAX_DEFAULT_AFTER_MS);
  const preset = call.text('default');
  if ((preset === undefined) !== (after === undefined))
    throw new SkeinError('bad_request', '--default ANSWER and --after TIME go together.');
  const waits = call.flag('wait');
  const found = await sessionMeant(call, waits ? PATIENCE_MS : undefined);
  const { client, session, node } = found;
  const agent = node === undefined ? agentHere(found) : undefined;
  const body: QuestionCommands['question.ask'] = {
    ...{ question: newId(), text: call.needed('question'), options, other: call.flag('other') },
    ...(preset === undefined || after === undefined ? {} : { default: preset, after }),
    ...(agent === undefined ? {} : { agent }),
  };
  const reply = await client.command(streamOf(session), 'question.ask', body);
  const told = { ...(reply as { question: string; n: number }), session: session.id };
  if (waits) return wait(call, found, told, timeout);
  if (call.json) return printJson(told);
  const place = node === undefined ? told.question : `${node}:${told.question}`;
  print(`Asked as ${place}. To answer it: skein answer ${place} …`);
}

/** The agent in whose shell this is. */
function agentHere({ session }: MeantSession): string | undefined {
  const { SKEIN_AGENT: agent = '', SKEIN_SESSION: its } = process.env;
  return its === session.id && session.agents[agent]?.run?.ended === false ? agent : undefined;
}

async function wait(
  call: Call,
  { client, session }: MeantSession,
  told: { question: string; n: number; session: string },
  timeout: number | undefined,
): Promise<void> {
  const { question } = told;
  for (const signal of GOING)
    process.once(signal, () => void withdraw(client, session.id, question).finally(() => endBy(signal)));
  const end = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  for (;;) {
    const left = Math.max(0, Math.min(WAIT_MS, Math.ceil(end - performance.now())));
    const now = await client.ask('question', { ref: session.id, question, wait: left });
    if ('how' in now) return settled(call, told, now);
    if (performance.now() < end) continue;
    await withdraw(client, session.id, question);
    throw new SkeinError('timeout', `Nobody has answered in time, and the question is withdrawn.`, {
      question,
    });
  }
}

function settled(call: Call, told: object, { how, answer, settledBy }: SettledQuestion): void {
  if (answer === null) throw new SkeinError('gone', 'The question was withdrawn before anybody answered it.');
  if (call.json) printJson({ ...told, answer, how, by: settledBy });
  else print(answer);
}

async function withdraw(client: Client, session: string, question: string): Promise<void> {
  await client.command(`session/${session}`, 'question.withdraw', { question }).catch(() => {});
}
