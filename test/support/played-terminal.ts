/**
 * An agent with an interface of its own, as a program: `played-terminal.ts hooks|screen FOLDER SKEIN [--settings FILE]`. It
 * does what the prompts pasted into it name (plays.ts), with pauses as chance has it, shows what it is at, and keeps every byte
 * that is typed in `FOLDER/RUN.in`. With `hooks` it runs those of its settings as Claude Code does; else it tells nothing but by its
 * screen, and asks by `SKEIN hook`.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeStep } from '@skein/node/drivers/fake.fixture';
import { fakeTerminal } from '@skein/node/drivers/pty/agent.fixture';
import { oddities, playIn } from './plays.ts';
import { Random } from './random.ts';

/** Milliseconds between two things that it shows or tells, at most. */
const PAUSE_MS = 60;
/** Milliseconds after which an escape that nothing follows is the key. */
const KEY_MS = 20;
const PASTE = /^\x1b\[200~(.*?)\x1b\[201~/s;

interface Hook {
  id: string;
  hook: string;
  data: object;
  waits?: boolean;
}

const [, , kind = '', folder = '/tmp', skein = '', ...words] = process.argv;
const settings = words.includes('--settings') ? words[words.indexOf('--settings') + 1] : undefined;
const run = process.env.SKEIN_RUN ?? 'none';
const random = new Random([...run].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7));
const commands = commandsOf(settings);
const turns: FakeStep[][] = [];
const agent = fakeTerminal({ session: `own-${kind}`, turns });
const asking = new Map<string, ReturnType<typeof spawn>>();
let shown = 0;

/** What its settings have it run, by hook. */
function commandsOf(file: string | undefined): Map<string, string> {
  const settings = file === undefined ? { hooks: {} } : JSON.parse(readFileSync(file, 'utf8'));
  const all = Object.entries(settings.hooks as Record<string, { hooks: { command: string }[] }[]>);
  return new Map(all.map(([hook, [first]]) => [hook, first?.hooks[0]?.command ?? 'true']));
}

function commandOf({ hook, waits }: Hook): string | undefined {
  if (kind === 'hooks') return commands.get(hook);
  return waits === true ? `'${process.execPath}' '${skein}' hook ${hook} --wait` : undefined;
}

/** Each screen is another one, as with whoever shows what it has said. */
function show(screen: string): void {
  process.stdout.write(`\x1b[2J\x1b[H#${++shown}\r\n${screen.replaceAll('\n', '\r\n')}`);
}

/** Runs a hook to its end, unless it waits for an answer; that is heard when it is there. */
async function tell(hook: Hook): Promise<void> {
  const command = commandOf(hook);
  if (command === undefined) return;
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(JSON.stringify(hook.data));
  const ended = text(child.stdout);
  if (hook.waits !== true) return void (await ended);
  asking.set(hook.id, child);
  void ended.then((told) => {
    // One that was ended because nobody needs to answer any more.
    if (asking.delete(hook.id)) perform(agent.receive(JSON.stringify({ request: hook.id, text: told })));
  });
}

async function one(line: string): Promise<void> {
  const input = agent.input?.(line);
  if (input?.type === 'screen') return show(input.text);
  const told = line.startsWith('{') ? JSON.parse(line) : undefined;
  if (told === undefined) return void process.stdout.write(`${line}\r\n`);
  if ('hook' in told) return tell(told);
  const child = asking.get(told.gone);
  asking.delete(told.gone);
  child?.kill('SIGTERM');
}

let last: Promise<void> = Promise.resolve();
function perform(lines: readonly string[]): void {
  for (const line of lines) last = last.then(() => sleep(random.int(0, PAUSE_MS))).then(() => one(line));
}

let typed = '';
let pasted: string | undefined;
let timer: NodeJS.Timeout | undefined;

/** Takes what was typed, key by key; `late`: nothing has followed for a while. */
function take(late: boolean): void {
  for (;;) {
    const paste = PASTE.exec(typed);
    if (paste !== null) {
      pasted = paste[1] ?? '';
      typed = typed.slice(paste[0].length);
    } else if (typed.startsWith('\r')) {
      typed = typed.slice(1);
      if (pasted !== undefined) submit(pasted);
      pasted = undefined;
    } else if (typed.startsWith('\x1b')) {
      if (typed.length > 1 ? '\x1b[200~'.startsWith(typed.slice(0, 6)) : !late) return;
      typed = typed.slice(1);
      perform(agent.receive('\x1b'));
    } else if (typed === '') return;
    else typed = typed.slice(1);
  }
}

function submit(prompt: string): void {
  turns.push(playIn(prompt) ?? []);
  perform(agent.receive(`\x1b[200~${prompt}\x1b[201~`));
}

process.stdin.setRawMode(true);
oddities(words);
process.stdin.on('data', (bytes) => {
  // Kept before anything is done with it.
  appendFileSync(join(folder, `${run}.in`), bytes);
  typed += bytes.toString('utf8');
  clearTimeout(timer);
  take(false);
  timer = setTimeout(() => take(true), KEY_MS);
});
perform(agent.begin?.() ?? []);
