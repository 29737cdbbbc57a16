/** A queue as people read and name it (rule A4). */
import { NONE } from '@skein/protocol/text/paint';
import { expect, test } from 'vitest';
import { promptMeant, queueTable } from './table.ts';

const OWNER = { kind: 'owner', via: 'local' };
const prompt = (id: string, preview: string) => ({
  ...{ prompt: id, offset: 1, preview, kinds: ['text' as const], at: 0, by: OWNER },
});
const QUEUE = {
  name: 'claude',
  turn: { turn: 't', prompt: 'ppp', startedAt: 0, by: OWNER, cancelling: false, usage: null },
  queue: [prompt('abc111', 'first'), prompt('abd222', 'second\x1b[2J')],
};

test('[A4] the turn that runs comes first, then what waits, by number', () => {
  const lines = queueTable(QUEUE, NONE, 60_000).trimEnd().split('\n');
  expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(['', 'runs', '1', '2']);
  expect(lines[3]).not.toContain('\x1b');
  expect(queueTable({ ...QUEUE, turn: null, queue: [] }, NONE, 0)).toContain('Nothing waits for claude');
});

test('a number that is not in the list is no beginning of an id: what was meant may have gone meanwhile', () => {
  const queue = [prompt('2bc111', 'first'), prompt('7771', 'second')];
  for (const gone of ['7', '777', '3', '0'])
    expect(() => promptMeant({ ...QUEUE, queue }, gone)).toThrow(`No prompt "${gone}"`);
  expect(promptMeant({ ...QUEUE, queue }, '2').prompt).toBe('7771');
  expect(promptMeant({ ...QUEUE, queue }, '7771').prompt).toBe('7771');
});

test('a prompt is named by its number, or by as much of its id as tells it from the others', () => {
  const code = (wanted: string) => {
    try {
      return promptMeant(QUEUE, wanted).prompt;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(['1', '2', 'abc', 'abd222', 'ab', '3', 'x'].map(code)).toEqual([
    'abc111',
    'abd222',
    'abc111',
    'abd222',
    'ambiguous',
    'not_found',
    'not_found',
  ]);
});
