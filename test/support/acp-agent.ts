/**
 * A small agent that speaks ACP on its stdin and stdout, as a definition's program. What it does in a turn is told by its
 * prompt: a JSON list of steps (see fake.fixture.ts), with a few of its own; any other text it repeats.
 */
import { createInterface } from 'node:readline';
import { fakeAcp } from '../../packages/node/src/drivers/acp/agent.fixture.ts';
import type { FakeStep } from '../../packages/node/src/drivers/fake.fixture.ts';

/** `die`: ends in the middle of the turn. `long`: says so many pieces. `env`: says the value of a variable. */
type Step = FakeStep | { do: 'die' } | { do: 'long'; pieces: number } | { do: 'env'; name: string };

/** A prompt to it. */
export function steps(...all: Step[]): string {
  return JSON.stringify(all);
}

const MODES = {
  currentModeId: 'ask',
  availableModes: [
    { id: 'ask', name: 'Ask first' },
    { id: 'code', name: 'Just do it' },
  ],
};

function main(): void {
  // Always the same, so that another process of it can go on with what this one began.
  const script = { session: 'fake-session', turns: [] as FakeStep[][] };
  const agent = fakeAcp(script);
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { method, params } = JSON.parse(line);
    if (method === 'session/prompt') script.turns.push(turnOf(params.prompt));
    for (const answer of agent.receive(line)) process.stdout.write(`${withModes(answer)}\n`);
  });
}

function turnOf(prompt: { type: string; text?: string; uri?: string }[]): FakeStep[] {
  const all = prompt.map((part) => part.text ?? `(${part.type} ${part.uri ?? ''})`.trim()).join('\n');
  // What a task wants stands among words about the task.
  const text = all.startsWith('Task ') ? (all.split('\n\n')[1] ?? '') : all;
  if (!text.startsWith('[{'))
    return [{ do: 'say', text: text.length > 200 ? `${text.length}` : `You said: ${text}` }];
  const given = JSON.parse(text) as Step[];
  if (given.some((step) => step.do === 'die')) process.exit(7);
  return given.flatMap((step): FakeStep[] => {
    if (step.do === 'die') return [];
    if (step.do === 'env') return [{ do: 'say', text: process.env[step.name] ?? 'unset' }];
    if (step.do !== 'long') return [step];
    return Array.from({ length: step.pieces }, (_, i) => ({ do: 'say', text: `${i} ` }));
  });
}

function withModes(line: string): string {
  const frame = JSON.parse(line);
  if (frame.result?.sessionId === undefined) return line;
  return JSON.stringify({ ...frame, result: { ...frame.result, modes: MODES } });
}

if (import.meta.main) main();
