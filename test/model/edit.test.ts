/** The step that edits: what it reads it writes with one more line, and what was refused it does again. */
import { expect, test } from 'vitest';
import { editOn, MOST_TRIES } from './edit.ts';
import { parseSteps, printSteps } from './marker.ts';
import { type Entry, nextReply } from './plan.ts';

const TOOLS = ['Read', 'Write'].map((name) => ({ name, freeform: false, schema: {} }));
const EDIT = '[[text First]] [[edit a.txt 7 0 * mine]] [[text Last]]';

/** What is replied after these results. */
function after(...results: string[]) {
  const past = results.flatMap((text): Entry[] => [
    { from: 'assistant', calls: 1 },
    { from: 'tool', text },
  ]);
  const entries: Entry[] = [{ from: 'user', text: EDIT }, ...past];
  return nextReply({ entries, tools: TOOLS, system: '', answer: undefined });
}
const call = (name: string, input: object) => ({ part: 'call', call: { name, freeform: false, input } });
const write = (content: string) => [expect.objectContaining(call('Write', { file_path: 'a.txt', content }))];
const read = expect.objectContaining(call('Read', { file_path: 'a.txt' }));

test('an edit reads, writes what it has read and one line more, and goes on', () => {
  expect(after()).toEqual([{ part: 'text', text: 'First' }, read]);
  expect(after('  1→* base\n  2→* other\n')).toEqual(write('* base\n* other\n* mine\n'));
  expect(after('* base', 'Success.')).toEqual([{ part: 'text', text: 'Last' }]);
});

test('what was refused is read and written again, so often and no more', () => {
  expect(after('* base', 'Held by bob.')).toEqual([read]);
  expect(after('* base', 'Held by bob.', '* base\n* his')).toEqual(write('* base\n* his\n* mine\n'));
  expect(after('* base', 'Held by bob.', 'Unchanged since.')).toEqual(write('* base\n* mine\n'));
  const never = Array.from({ length: MOST_TRIES * 2 }, (_, n) => (n % 2 === 0 ? '* base' : 'No.'));
  expect(after(...never)).toEqual([{ part: 'text', text: 'given up' }]);
});

test('its pauses are of its seed', () => {
  const [step] = parseSteps('[[edit a.txt 7 100 * mine]]');
  expect(printSteps(step === undefined ? [] : [step])).toBe('[[edit a.txt 7 100 * mine]]');
  const pauses = Array.from({ length: 50 }, (_, seed) => {
    const on = editOn({ step: 'edit', path: 'a.txt', seed, pause: 100, line: '* mine' }, []);
    return 'next' in on && on.next[0]?.step === 'sleep' ? on.next[0].ms : -1;
  });
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(100);
  expect(new Set(pauses).size).toBeGreaterThan(20);
});
