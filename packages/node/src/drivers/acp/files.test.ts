/** Files that an ACP agent has the node read and write (rules W2, A2). */
import { pack, unpack } from '@skein/protocol/codec';
import { expect, test } from 'vitest';
import { filesOf, restore } from '../driver.ts';
import type { Play } from '../play.fixture.ts';
import { begin, FILED, SUBJECTS } from '../subjects.fixture.ts';
import { MAX_FILE_TEXTS, MAX_FILES } from './files.ts';

const [, ACP] = SUBJECTS;
const request = (id: number, method: string, params: object) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params: { sessionId: 's', ...params } });
const write = (id: number, content: string) =>
  request(id, 'fs/write_text_file', { path: `/w/${id}`, content });

function started(): Play {
  const play = begin(FILED, [[{ do: 'hang' }]]);
  play.prompt('p1');
  return play.alone();
}
const last = (play: Play) => play.written.at(-1);

test('[W2] a client offers files only where it is to, and says no to who asks all the same', () => {
  const offered = (play: Play) => JSON.stringify(play.written[0]);
  expect(offered(started())).toContain('"fs":{"readTextFile":true,"writeTextFile":true}');
  const other = begin(ACP ?? FILED, []).alone();
  expect(offered(other)).toContain('"fs":{"readTextFile":false,"writeTextFile":false}');
  other.print(write(1, 'A'));
  expect(filesOf(other.state)).toEqual([]);
  expect(last(other)).toMatchObject({ id: 1, error: { code: -32601 } });
});

test('[W2] [A2] what is wanted is in the state until it is answered, after a crash as well, and is answered once', () => {
  const play = started();
  play.print(request(1, 'fs/read_text_file', { path: '/w/a', line: 3, limit: 2 }), write(2, 'B'));
  play.state = restore(FILED.driver, unpack(pack(play.state)));
  expect(filesOf(play.state)).toMatchObject([
    { file: 'file 1', op: 'read', path: '/w/a', line: 3, limit: 2 },
    { file: 'file 2', op: 'write', path: '/w/2', text: 'B' },
  ]);
  play.give({ type: 'file', file: 'file 2', done: {} });
  expect(last(play)).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
  play.give({ type: 'file', file: 'file 1', done: { text: 'A\n' } });
  expect(last(play)).toEqual({ jsonrpc: '2.0', id: 1, result: { content: 'A\n' } });
  const sent = play.sent;
  play.give({ type: 'file', file: 'file 1', done: { text: 'A\n' } });
  expect(play.sent).toBe(sent);
  expect(filesOf(play.state)).toEqual([]);
});

test('[W2] a refusal is told in its words, and a file that is not there by its own code', () => {
  const play = started();
  play.print(write(1, 'A'), request(2, 'fs/read_text_file', { path: '/w/a' }));
  play.give({ type: 'file', file: 'file 1', done: { error: { code: 'claimed', message: 'Held by bob.' } } });
  expect(last(play)).toMatchObject({ id: 1, error: { code: -32000, message: 'Held by bob.' } });
  play.give({ type: 'file', file: 'file 2', done: { error: { code: 'not_found', message: 'No.' } } });
  expect(last(play)).toMatchObject({ id: 2, error: { code: -32002, message: 'Resource not found: /w/a' } });
});

test('what is malformed, or too much, is refused at once', () => {
  const play = started();
  for (const params of [{}, { path: 1 }, { path: '' }, { path: '/w/a' }])
    play.print(request(1, 'fs/write_text_file', params));
  expect(play.written.filter((line) => JSON.stringify(line).includes('-32602'))).toHaveLength(4);
  play.print(write(2, 'x'.repeat(MAX_FILE_TEXTS + 1)));
  expect(last(play)).toMatchObject({ id: 2, error: { code: -32000 } });
  for (let id = 0; id < MAX_FILES; id++) play.print(write(10 + id, ''));
  expect(filesOf(play.state)).toHaveLength(MAX_FILES);
  play.print(write(99, ''));
  expect(last(play)).toMatchObject({ id: 99, error: { code: -32000 } });
  expect(filesOf(play.state)).toHaveLength(MAX_FILES);
});

test('[W2] a file that is not there is empty to an agent that knows no better', () => {
  const play = begin(FILED, [[{ do: 'hang' }]], { options: { missing: 'empty' } });
  play.prompt('p1');
  play.alone().print(request(1, 'fs/read_text_file', { path: '/w/a' }), write(2, 'A'));
  const done = { error: { code: 'not_found', message: 'No.' } };
  play.give({ type: 'file', file: 'file 1', done });
  expect(last(play)).toMatchObject({ id: 1, result: { content: '' } });
  play.give({ type: 'file', file: 'file 2', done });
  expect(last(play)).toMatchObject({ id: 2, error: { code: -32002 } });
});
