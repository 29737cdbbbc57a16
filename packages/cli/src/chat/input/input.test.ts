/** What a terminal sends, and what is written with it (rule U2). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completions, parseCommand } from './commands.ts';
import { KeyDecoder, type KeyEvent } from './decode.ts';
import {
  type Editor,
  EMPTY,
  editorRows,
  insert,
  left,
  paste,
  removeTo,
  right,
  vertical,
  wholeText,
  withText,
  wordLeft,
} from './editor.ts';

const KEYS = [
  ...[
    'a',
    'é',
    '😀',
    '\r',
    '\x03',
    '\x7f',
    '\t',
    '\x1b[A',
    '\x1b[1;5D',
    '\x1b[Z',
    '\x1bOB',
    '\x1b[3~',
    '\x1b\r',
    '\x1by',
  ],
  ...[
    '\x1b[200~pasted\r\ntext\x1b[A\x1b[201~',
    '\x1b[I',
    '\x1b[O',
    '\x1b[<64;3;4M',
    '\x1b[<0;3;4M',
    '\x1b[13;2u',
    '\x1b[99;5u',
    '\x1b[27;5;106~',
  ],
];

function decode(chunks: readonly Uint8Array[]): KeyEvent[] {
  const decoder = new KeyDecoder();
  const events = chunks.flatMap((chunk) => decoder.push(chunk));
  // Letters may come together or one by one.
  const out: KeyEvent[] = [];
  for (const event of [...events, ...decoder.flush()]) {
    const last = out.at(-1);
    if (event.type === 'text' && last?.type === 'text')
      out[out.length - 1] = { type: 'text', text: last.text + event.text };
    else out.push(event);
  }
  return out;
}

describe('keys', () => {
  test('are the same wherever the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...KEYS), { maxLength: 20 }),
        fc.array(fc.nat(200)),
        (keys, cuts) => {
          const bytes = Buffer.from(keys.join(''));
          const places = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
          const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
          expect(decode(chunks)).toEqual(decode([bytes]));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('are known by name in the old way and in kitty’s', () => {
    const one = (text: string) => decode([Buffer.from(text)])[0];
    const key = (name: string, more = {}) => ({
      type: 'key',
      name,
      ctrl: false,
      alt: false,
      shift: false,
      ...more,
    });
    expect(one('\x03')).toEqual(key('c', { ctrl: true }));
    expect(one('\x1b[99;5u')).toEqual(key('c', { ctrl: true }));
    expect(one('\x1b[13;2u')).toEqual(key('enter', { shift: true }));
    expect(one('\x1b\r')).toEqual(key('enter', { alt: true }));
    expect(one('\x1b')).toEqual(key('escape'));
    expect(one('\x1b[27u')).toEqual(key('escape'));
    expect(one('\x1b[1;5D')).toEqual(key('left', { ctrl: true }));
    expect(one('\x1b[<65;9;4M')).toEqual({ type: 'wheel', lines: 3, x: 9 });
    expect(one('\x1b[O')).toEqual({ type: 'focus', focused: false });
  });

  test('[U2] a paste of five megabytes is taken in pieces without being read again for each, and sent whole', () => {
    const text = 'line of a paste, with é\n'.repeat(215_000);
    const bytes = Buffer.from(`\x1b[200~${text}\x1b[201~`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 4096) }, (_, i) =>
      bytes.subarray(i * 4096, (i + 1) * 4096),
    );
    const began = performance.now();
    const [event] = decode(chunks);
    expect(event?.type).toBe('paste');
    const editor = insert(paste(withText('Look: '), event?.type === 'paste' ? event.text : ''), ' please');
    expect(editorRows(editor, 60, 5).rows.join('')).toBe('Look: [pasted 215001 lines, 4.9 MiB] please');
    expect(wholeText(editor)).toBe(`Look: ${text} please`);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe('the editor', () => {
  const acts: Record<string, (e: Editor) => Editor> = {
    left,
    right,
    wordLeft,
    backspace: (e) => removeTo(e, left(e)),
    word: (e) => removeTo(e, wordLeft(e)),
    up: (e) => vertical(e, -1) ?? e,
    down: (e) => vertical(e, 1) ?? e,
    emoji: (e) => insert(e, '👨‍👩‍👧'),
    letters: (e) => insert(e, 'ab c'),
    line: (e) => insert(e, '\n'),
    wide: (e) => insert(e, '日本'),
    paste: (e) => paste(e, 'p'.repeat(2000)),
  };

  test('never cuts a character, and always shows its cursor', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Object.keys(acts)), { maxLength: 40 }),
        fc.integer({ min: 4, max: 30 }),
        (names, width) => {
          let editor = EMPTY;
          for (const name of names) editor = acts[name]?.(editor) ?? editor;
          expect(editor.text.isWellFormed()).toBe(true);
          expect(editor.text.slice(0, editor.cursor).isWellFormed()).toBe(true);
          const { rows, row, column } = editorRows(editor, width, 3);
          expect(rows.length).toBeLessThanOrEqual(3);
          expect(row).toBeLessThan(rows.length);
          expect(column).toBeLessThan(width);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a paste is gone with one key, and pasted text cannot stand for one', () => {
    const editor = paste(EMPTY, 'p'.repeat(2000));
    expect(removeTo(editor, left(editor)).text).toBe('');
    expect(wholeText(insert(editor, '\u{f0000}'))).toBe('p'.repeat(2000));
  });
});

describe('commands', () => {
  const offered = {
    commands: [{ id: 'review', name: 'review', description: 'look' }],
    modes: [{ id: 'ask', name: 'Ask' }],
    models: [],
    agents: ['claude', 'codex'],
  };

  test('ours and the agent’s are completed, with their arguments', () => {
    const labels = (text: string) => completions(text, offered).map(({ label }) => label);
    expect(labels('/re')).toEqual(['/restart', '/review']);
    expect(labels('/mode a')).toEqual(['ask']);
    expect(labels('/agents co')).toEqual(['codex']);
    expect(labels('no /re')).toEqual([]);
  });

  test('what is not ours goes to the agent', () => {
    expect(parseCommand('/model  opus ')).toEqual({ name: 'model', argument: 'opus' });
    expect(parseCommand('/review all')).toBeUndefined();
    expect(parseCommand('hello')).toBeUndefined();
  });
});
