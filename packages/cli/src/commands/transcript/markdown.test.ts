/** A transcript as Markdown and as text: what others have said breaks neither. */
import type { Item, Turn } from '@skein/protocol/agents/transcript';
import { NONE } from '@skein/protocol/text/paint';
import { expect, test } from 'vitest';
import { markdown } from './markdown.ts';
import type { Shown } from './reader.ts';
import { plainText } from './text.ts';

const FORM = { full: false, thoughts: false };

function turnOf(...items: Item[]): Extract<Shown, { kind: 'turn' }> {
  const asked = { parts: [{ type: 'text' as const, text: 'fix *it*\nnow' }], by: { kind: 'owner' } };
  const end: Turn = {
    ...{
      turn: 't1',
      run: 'r',
      prompt: 'p',
      replayed: false,
      startedAt: 0,
      endedAt: 1_500,
      end: 'done',
      items,
    },
    usage: { tokens: { input: 1_000, output: 20 } },
  };
  const head = { agent: 'claude', run: 'r', turn: 't1', number: 3, at: 0, replayed: false, asked };
  return { kind: 'turn', head, more: false, items, answers: new Map(), end };
}

const message = (text: string): Item => ({
  type: 'message',
  id: 'i',
  from: 'agent',
  text,
  hidden: 0,
  ended: true,
});
const tool = (output: string): Item => ({
  ...{ type: 'tool', id: 'c', kind: 'execute', title: 'make `all`', paths: [], diffs: [], state: 'failed' },
  input: { json: { command: 'make all' } },
  output: { text: output },
});

test('a turn has its head, the prompt quoted, the words as they are, and how it ended', () => {
  expect(markdown(turnOf(message('Done. **All** of it.')), FORM)).toBe(
    '## claude, turn 3\n\n*1970-01-01 00:00:00 UTC · you*\n\n> fix *it*\n> now\n\nDone. **All** of it.\n\n*done · 1.5 s · 1.0k in, 20 out*\n\n',
  );
});

test('a message cut in the middle of code does not swallow what follows, nor does an output with fences', () => {
  expect(markdown(turnOf(message('```js\nlet x')), FORM)).toContain('```js\nlet x\n```\n');
  const md = markdown(turnOf(tool('a\n````\nb')), FORM);
  expect(md).toContain('`````\na\n````\nb\n`````');
  expect(md).toContain('**✗ make \\`all\\`** `execute` failed');
  expect(md).toContain('```sh\nmake all\n```');
});

test('long output is cut, and says so; with --full it is not', () => {
  const long = Array.from({ length: 200 }, (_, i) => `line ${i}`).join('\n');
  expect(markdown(turnOf(tool(long)), FORM)).toContain('line 39\n… (160 more lines)');
  expect(markdown(turnOf(tool(long)), { ...FORM, full: true })).toContain('line 199');
});

test('progress bars and colours of an output are as they were left', () => {
  const bar = '10%\r\x1b[32m100%\x1b[0m\ndone';
  for (const shown of [markdown(turnOf(tool(bar)), FORM), plainText(turnOf(tool(bar)), FORM, NONE)]) {
    expect(shown).toContain('100%');
    expect(shown).not.toContain('\x1b');
    expect(shown).not.toContain('10%\r');
  }
});

test('thoughts are told only when they are wanted', () => {
  const thought: Item = { type: 'thought', id: 'i', from: 'agent', text: 'hm', hidden: 0, ended: true };
  expect(markdown(turnOf(thought), FORM)).not.toContain('hm');
  expect(plainText(turnOf(thought), { ...FORM, thoughts: true }, NONE)).toContain('~ hm');
});
