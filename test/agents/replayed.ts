/**
 * Plays a recording of a real agent to the driver of its protocol: what the recorded client meant becomes the driver's inputs,
 * and what the agent printed then is its output. Only the ids of requests differ between the two clients; they are exchanged.
 */
import { readFileSync } from 'node:fs';
import { acp } from '@skein/node/drivers/acp/step';
import { claude } from '@skein/node/drivers/claude/step';
import { codex } from '@skein/node/drivers/codex/step';
import type { Driver, Input, StartSpec } from '@skein/node/drivers/driver';
import { Play } from '@skein/node/drivers/play.fixture';

interface Recorded {
  from?: 'client' | 'agent' | 'stderr' | 'exit';
  frame?: Frame;
  text?: string;
  code?: number | null;
  signal?: string | null;
}
// biome-ignore lint/suspicious/noExplicitAny: frames of three protocols, looked into by name.
type Frame = Record<string, any>;

const DRIVERS: Record<string, Driver> = { claude: claude as Driver, codex: codex as Driver };

/** The driver for an agent; those that are not named speak ACP. */
export const driverOf = (agent: string): Driver => DRIVERS[agent] ?? (acp as Driver);

export function playRecording(file: string, agent: string): Play {
  const [, ...lines] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  const frames = lines.flatMap((line) => (line.from === 'client' && line.frame ? [line.frame] : []));
  const play = new Play(driverOf(agent), undefined, specOf(frames));
  const exchange = new Exchange(play);
  let prompts = 0;
  for (const { from, frame, text, code, signal } of lines) {
    if (from === 'client' && frame !== undefined) {
      exchange.sent(frame);
      const input = meant(play, frame, `p${prompts + 1}`);
      if (input?.type === 'prompt') prompts += 1;
      if (input !== undefined) play.give(input);
    } else if (from === 'agent') {
      const line = frame === undefined ? text : exchange.received(frame);
      if (line !== undefined) play.print(line);
    } else if (from === 'stderr') play.give({ type: 'stderr', bytes: Buffer.from(`${text ?? ''}\n`) });
    else if (from === 'exit')
      play.give({ type: 'exit', code: code ?? null, signal: signal === 'SIGKILL' ? 9 : null });
  }
  return play;
}

function specOf(frames: Frame[]): Partial<StartSpec> {
  const resuming = frames.find((frame) =>
    /^(session\/(load|resume)|thread\/resume)$/.test(frame.method ?? ''),
  );
  const session = resuming?.params.sessionId ?? resuming?.params.threadId;
  return session === undefined ? {} : { resume: { session, history: 'known' } };
}

/** What the recorded client wanted by this frame; undefined for what a driver does by itself. */
function meant(play: Play, frame: Frame, prompt: string): Input | undefined {
  if (frame.type === 'user' || frame.method === 'session/prompt' || frame.method === 'turn/start')
    return { type: 'prompt', prompt, parts: [{ type: 'text', text: 'Do it.' }] };
  const interrupts = ['session/cancel', 'turn/interrupt'].includes(frame.method);
  if (interrupts || frame.request?.subtype === 'interrupt') return { type: 'cancel' };
  const allowed = answerOf(play, frame);
  if (allowed === undefined) return undefined;
  const asked = play.of('approval.asked').at(-1);
  const kind = allowed ? 'allow_once' : 'deny_once';
  const option = asked?.options.find((one) => one.kind === kind)?.id ?? '';
  return { type: 'answer', approval: asked?.approval ?? '', option };
}

/** Whether this frame answers a question with yes or no. */
function answerOf(play: Play, frame: Frame): boolean | undefined {
  const behavior = frame.response?.response?.behavior;
  if (behavior !== undefined) return behavior === 'allow';
  if (frame.result?.decision !== undefined) return frame.result.decision === 'accept';
  const outcome = frame.result?.outcome;
  if (outcome?.outcome !== 'selected') return undefined;
  const asked = play.of('approval.asked').at(-1);
  return asked?.options.find((one) => one.id === outcome.optionId)?.kind.startsWith('allow');
}

/** Puts the driver's ids of requests in the place of the recorded client's. */
class Exchange {
  readonly #play: Play;
  /** What the recorded client asked, by its id. */
  readonly #asked = new Map<unknown, string>();
  readonly #used = new Set<unknown>();

  constructor(play: Play) {
    this.#play = play;
  }

  sent(frame: Frame): void {
    if (frame.request !== undefined) this.#asked.set(frame.request_id, frame.request.subtype);
    else if (frame.method !== undefined && frame.id !== undefined) this.#asked.set(frame.id, frame.method);
  }

  /** The line as the driver should get it; undefined when it answers what the driver never asked. */
  received(frame: Frame): string | undefined {
    const control = frame.type === 'control_response' ? frame.response : undefined;
    const isAnswer = control !== undefined || (frame.id !== undefined && frame.method === undefined);
    if (!isAnswer) return JSON.stringify(frame);
    const what = this.#asked.get(control?.request_id ?? frame.id);
    const ours = (this.#play.written as Frame[]).find((one) => same(what, one) && !this.#used.has(idOf(one)));
    if (ours === undefined) return undefined;
    this.#used.add(idOf(ours));
    if (control === undefined) return JSON.stringify({ ...frame, id: idOf(ours) });
    return JSON.stringify({ ...frame, response: { ...control, request_id: idOf(ours) } });
  }
}

const idOf = (frame: Frame) => frame.request_id ?? frame.id;
/** Loading and resuming a session are answered alike. */
const asOne = (method: string | undefined) => method?.replace('session/load', 'session/resume');
const same = (what: string | undefined, ours: Frame) =>
  what !== undefined &&
  asOne(ours.request?.subtype ?? ours.method) === asOne(what) &&
  idOf(ours) !== undefined;
