/** The scripted model over HTTP: every endpoint, gates, errors, cuts, and that it ends. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedModel, startModel } from './server.ts';

let model: ScriptedModel;
beforeEach(async () => {
  model = await startModel();
});
afterEach(() => model.stop());

const TOOLS = [{ name: 'Write', input_schema: {} }];

function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const init: RequestInit = { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  return fetch(model.url + path, signal === undefined ? init : { ...init, signal });
}

function ask(text: string, stream = true, signal?: AbortSignal): Promise<Response> {
  return post('/v1/messages', { stream, tools: TOOLS, messages: [{ role: 'user', content: text }] }, signal);
}

describe('every endpoint', () => {
  const messages = [{ role: 'user', content: 'hello' }];
  test.each([
    ['/v1/messages', { messages }, /"text":"ok"/],
    ['/v1/messages', { messages, stream: true }, /^event: message_start\n/],
    ['/v1/messages?beta=true', { messages }, /"text":"ok"/],
    ['/v1/messages/count_tokens', { messages }, /"input_tokens":\d+/],
    ['/v1/responses', { input: 'hello', stream: true }, /^event: response.created\n/],
    ['/responses', { input: 'hello' }, /"text":"ok"/],
    ['/v1/chat/completions', { messages }, /"content":"ok"/],
    ['/v1/chat/completions', { messages, stream: true }, /data: \[DONE\]\n\n$/],
    ['/v1beta/models/g:generateContent', { contents: [] }, /"text":"ok"/],
    ['/v1beta/models/g:streamGenerateContent?alt=sse', { contents: [] }, /^data: .*"finishReason":"STOP"/s],
    ['/v1beta/models/g:countTokens', { contents: [] }, /"totalTokens":\d+/],
  ])('POST %s', async (path, body, answer) => {
    const response = await post(path, body);
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(answer)]);
  });

  test.each(['/v1/models', '/v1beta/models', '/api/models'])('GET %s', async (path) => {
    expect(await (await fetch(model.url + path)).json()).toMatchObject({ data: [{ id: 'scripted' }] });
  });

  test('what it does not know, and what is no JSON, is refused', async () => {
    expect((await post('/v1/nothing', {})).status).toBe(404);
    expect((await post('/v1/messages', 'no json')).status).toBe(400);
    expect((await post('/v1/chat/completions', '[]')).status).toBe(400);
  });
});

test('a reply holds at its gate until it is released, by name or over HTTP', async () => {
  const reply = await ask('[[text before]] [[hold here]] [[text after]]');
  await model.held('here');
  expect((await post('/release/here', {})).status).toBe(200);
  expect(await reply.text()).toMatch(/before.*after.*message_stop/s);
  expect(await (await ask('[[hold here]] [[text again]]')).text()).toContain('again');
});

test('who goes away from a gate is waited for no more', async () => {
  const leaving = new AbortController();
  const reply = await ask('[[hold here]]', true, leaving.signal);
  await model.held('here');
  leaving.abort();
  await expect(reply.text()).rejects.toThrow();
  const next = await ask('[[hold here]] [[text next]]');
  await model.held('here');
  model.release('here');
  expect(await next.text()).toContain('next');
});

test('an error is a status at the start, an event in the middle', async () => {
  const refused = await ask('[[error 529 too busy]]');
  expect([refused.status, await refused.json()]).toEqual([
    529,
    { type: 'error', error: { type: 'overloaded_error', message: 'too busy' } },
  ]);
  const begun = await ask('[[text a]] [[error 500]]');
  expect([begun.status, await begun.text()]).toEqual([200, expect.stringMatching(/event: error\n.*\n\n$/)]);
  expect((await ask('[[text a]] [[error 500]]', false)).status).toBe(500);
});

test('a cut ends the connection, at once or in the middle', async () => {
  await expect(ask('[[cut]]')).rejects.toThrow();
  await expect(ask('[[text some]] [[cut]]').then((reply) => reply.text())).rejects.toThrow();
});

test('the same request gets the same reply, byte for byte', async () => {
  const [one, two] = await Promise.all([ask('[[think a]] [[write b B]]'), ask('[[think a]] [[write b B]]')]);
  expect(await one.text()).toBe(await two.text());
  expect(model.asked.map(({ api, model: name }) => `${api} ${name}`)).toEqual([
    'anthropic scripted',
    'anthropic scripted',
  ]);
});

test('a flood is read as fast as its reader reads, and stopping does not wait for it', async () => {
  const reply = await ask('[[flood 100000000 0]]');
  const reader = reply.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  await model.stop();
  await expect(
    (async () => {
      while (!(await reader?.read())?.done);
    })(),
  ).rejects.toThrow();
  model = await startModel();
});
