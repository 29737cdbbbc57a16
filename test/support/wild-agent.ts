/**
 * An agent that misbehaves, as a program: `wild-agent.ts WAY [MIB] [PROTOCOL]`. Where it gets as far as that it speaks that
 * protocol, ACP if none is named, and misbehaves at its first prompt.
 */
import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fakeAcp } from '@skein/node/drivers/acp/agent.fixture';
import { fakeClaude } from '@skein/node/drivers/claude/agent.fixture';
import { fakeCodex } from '@skein/node/drivers/codex/agent.fixture';
import type { FakeAgent, FakeScript, FakeStep } from '@skein/node/drivers/fake.fixture';

const MIB = 1024 * 1024;

const [, , way = '', size = '1', protocol = 'acp'] = process.argv;
const total = Number(size) * MIB;

/** Waits where its reader does. */
function print(text: string): void {
  for (let bytes = Buffer.from(text); bytes.length > 0; ) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** Prints `line` until there are as many bytes as were asked for. */
function flood(line: string): void {
  for (let printed = 0; printed < total; printed += line.length) print(line);
}

const AGENTS: Record<string, { play(script: FakeScript): FakeAgent; prompt: string; cancel: string }> = {
  claude: { play: fakeClaude, prompt: '"type":"user"', cancel: '"interrupt"' },
  acp: { play: fakeAcp, prompt: '"session/prompt"', cancel: '"session/cancel"' },
  codex: { play: fakeCodex, prompt: '"turn/start"', cancel: '"turn/interrupt"' },
};
/** What it says again and again: a message's first piece is half of it, 8 KiB. */
const SAYING = `${'All is well. '.repeat(1_260)}\n`;
let saying = way === 'protocol';

/** Prints a line; the first piece of what it says as often as was asked for. */
function tell(line: string): void {
  if (!saying || !line.includes(SAYING.slice(0, 64))) return print(`${line}\n`);
  saying = false;
  flood(`${line}\n`);
}

/** What happens at a prompt, before the turn goes on as `turns` says. */
const AT_PROMPT: Record<string, () => void> = {
  garbage: () => flood(`${'#'.repeat(100)} 42% \x1b[1m\n`.repeat(64)),
  'endless-line': () => {
    flood('{"a":'.repeat(2_000));
    print('\n');
  },
  'closed-output': () => closeSync(1),
  'never-reads': () => process.stdin.pause(),
};
const HANGS = ['never-ends', 'garbage', 'closed-output', 'never-reads'];

const AT_START: Record<string, () => void> = {
  'exits-at-once': () => {
    writeSync(2, 'no such model\n');
    process.exit(3);
  },
  'no-protocol': () => setInterval(() => print('> What shall I do?\n'), 5),
  'deaf-and-dumb': () => setInterval(() => {}, 60_000),
  'leaves-daemon': () => {
    // In a session of its own, it keeps the pipes.
    spawn('sleep', ['3600'], { detached: true, stdio: 'inherit' }).unref();
    process.exit(0);
  },
};

const start = AT_START[way];
if (start !== undefined) start();
else {
  const text = saying ? SAYING : 'Done.';
  const steps: FakeStep[] = HANGS.includes(way) ? [{ do: 'hang' }] : [{ do: 'say', text }];
  const spoken = AGENTS[protocol];
  if (spoken === undefined) throw new Error(`no protocol ${protocol}`);
  const agent = spoken.play({ session: 'wild', turns: [steps] });
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.includes(spoken.prompt)) AT_PROMPT[way]?.();
    // Once told to end its turn it does not listen.
    if (line.includes(spoken.cancel)) return;
    for (const one of agent.receive(line)) tell(one);
  });
}
