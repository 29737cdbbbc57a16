/** The relay's program: one command starts it, signals end it, mistakes are told (rules R1, R3, K5). */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { TestClient } from '@skein/relay/testing/client';
import { newIdentity } from '@skein/relay/testing/keys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from './support/relay-process.ts';

const LAUNCHER = join(dirname(import.meta.dirname), 'node_modules/.bin/skein-relay');

let home: string;
const started: RelayProcess[] = [];
beforeEach(() => {
  home = makeRelayHome();
});
afterEach(async () => {
  for (const relay of started.splice(0)) await relay.kill();
  destroyRelayHome(home);
});

async function start(words: string[] = [], env?: Record<string, string>): Promise<RelayProcess> {
  const relay = await RelayProcess.start(home, words, env);
  started.push(relay);
  return relay;
}

describe('the program', () => {
  test('[R3] says where it is, in words or as JSON, and keeps its key', async () => {
    const relay = await start();
    expect(relay.ready.url).toBe(`ws://127.0.0.1:${relay.port}/#${relay.ready.relay}`);
    expect(relay.ready.pid).toBe(relay.child.pid);
    expect(statSync(join(home, 'state', 'key')).mode & 0o777).toBe(0o600);
    const inWords = RelayProcess.launch(home, ['--port', '0']);
    started.push(inWords);
    await until('it is ready', () => inWords.lines.length > 0);
    expect(inWords.lines[0]).toMatch(new RegExp(`^ready ws://127\\.0\\.0\\.1:\\d+/#${relay.ready.relay}$`));
  });

  test('[R3] says that nobody finds it at every address, unless it is told its own', async () => {
    const relay = await start(['--host', '0.0.0.0']);
    expect(relay.log).toContain('--url');
    expect(relay.ready.url).toContain('ws://0.0.0.0:');
    const told = await start(['--host', '0.0.0.0', '--url', 'ws://relay.example:7000']);
    expect(told.log).not.toContain('--url');
    expect(told.url).toBe(`ws://relay.example:7000/#${told.ready.relay}`);
  });

  test('[R3] is what npx starts', () => {
    const { status, stdout } = spawnSync(LAUNCHER, ['--version'], { encoding: 'utf8' });
    expect([status, stdout.trim()]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+/)]);
  });

  test('[R3] is what skein relay serve becomes: a signal to all its group, as Ctrl-C is, ends it once and gracefully', async () => {
    const skein = new Skein();
    const words = ['relay', 'serve', '--json', '--port', '0', '--key', join(home, 'state', 'key')];
    const child = spawn(...skein.words(...words), {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: skein.env,
    });
    const ended = once(child, 'exit');
    try {
      const [line] = await once(createInterface({ input: child.stdout }), 'line');
      const { pid, url } = JSON.parse(line);
      expect(pid).toBe(child.pid);
      const client = await TestClient.register(url, { identity: newIdentity() });
      process.kill(-pid, 'SIGTERM');
      await client.inbox.take('goaway');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      skein.destroy();
    }
  });

  test('[R3] restarts gracefully: told to come back, everybody does', async () => {
    const relay = await start();
    const identities = Array.from({ length: 50 }, newIdentity);
    const clients = await Promise.all(
      identities.map((identity) => TestClient.register(relay.url, { identity })),
    );
    relay.signal('SIGTERM');
    for (const client of clients) expect((await client.inbox.take('goaway')).after).toBeGreaterThan(0);
    expect(await relay.ended).toBe(0);
    const again = await start(['--port', `${relay.port}`]);
    expect(again.url).toBe(relay.url);
    const back = await Promise.all(
      identities.map((identity) => TestClient.register(again.url, { identity })),
    );
    for (const client of [...clients, ...back]) client.close();
  });

  test('[R3] stops at once when asked a second time', async () => {
    const relay = await start(['--grace', '600']);
    const [a, b] = [await TestClient.register(relay.url), await TestClient.register(relay.url)];
    const token = await a.dial(b.id);
    const incoming = await b.inbox.take('incoming');
    const [near, far] = await Promise.all([a.open(token), b.open(incoming.token)]);
    relay.signal('SIGTERM');
    await a.inbox.take('goaway');
    near.write('still joined');
    await once(far, 'data');
    relay.signal('SIGTERM');
    expect(await relay.ended).toBe(1);
    for (const end of [near, far, a, b]) 'close' in end ? end.close() : end.destroy();
  });

  test('[R3] reads its list again at SIGHUP, and lives on when that is wrong', async () => {
    const list = join(home, 'allowed');
    const identity = newIdentity();
    writeFileSync(list, '');
    const relay = await start(['--allow', list]);
    await expect(TestClient.register(relay.url, { identity })).rejects.toThrow('not_admitted');
    writeFileSync(list, identity.id);
    relay.signal('SIGHUP');
    await until('it has read the list', () => relay.log.includes('reloaded'));
    const client = await TestClient.register(relay.url, { identity });
    writeFileSync(list, 'nobody');
    relay.signal('SIGHUP');
    await until('it has told', () => relay.log.includes('line 1'));
    await client.dial(client.id);
    client.close();
  });

  test('[R3] takes the admission token from its environment or a file, never from argv', async () => {
    const admission = 'the token of this house';
    const relay = await start([], { SKEIN_RELAY_TOKEN: admission });
    await expect(TestClient.register(relay.url)).rejects.toThrow('not_admitted');
    (await TestClient.register(relay.url, { admission })).close();
    // A variable that is set to nothing does not let everybody in.
    const empty = spawnSync(LAUNCHER, ['--port', '0'], {
      encoding: 'utf8',
      env: { ...process.env, HOME: home, SKEIN_RELAY_TOKEN: '' },
      timeout: 10_000,
    });
    expect(empty).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('admission token'),
    });
    const file = join(home, 'token');
    writeFileSync(file, `${admission}\n`);
    const other = await start(['--token-file', file]);
    (await TestClient.register(other.url, { admission })).close();
    if (existsSync('/proc'))
      expect(readFileSync(`/proc/${other.ready.pid}/cmdline`, 'utf8')).not.toContain(admission);
  });
});

describe('a mistake', () => {
  async function refused(words: string[]): Promise<{ status: number | null; code: string }> {
    const relay = RelayProcess.launch(home, ['--json', ...words]);
    started.push(relay);
    const status = await relay.ended;
    expect(relay.lines).toEqual([]);
    const { error } = JSON.parse(relay.log.trim().split('\n').at(-1) as string);
    expect(error.message).toMatch(/\S \S.*[.:?]/);
    return { status, code: error.code };
  }

  test('[K5] is told with a code, a sentence and an exit status', async () => {
    const relay = await start();
    expect(await refused(['--port', `${relay.port}`])).toEqual({ status: 1, code: 'already_running' });
    expect(await refused(['--port', '0', '--tls-cert', 'x'])).toEqual({ status: 2, code: 'bad_request' });
    expect(await refused(['--port', '0', '--allow', join(home, 'absent')])).toEqual({
      status: 2,
      code: 'bad_request',
    });
    expect(await refused(['--port', '0', '--guests'])).toEqual({ status: 2, code: 'bad_request' });
    expect(await refused(['--port', '0', '--url', 'http://x'])).toEqual({
      status: 2,
      code: 'bad_relay_address',
    });
    expect(await refused(['--port', '0', '--host', '192.0.2.1'])).toEqual({ status: 2, code: 'bad_request' });
    writeFileSync(join(home, 'state', 'key'), 'no key');
    expect(await refused(['--port', '0'])).toEqual({ status: 5, code: 'home_unsafe' });
  });

  test('[K5] in the words is told with the word, as JSON to a program', async () => {
    expect(await refused(['--nothing'])).toEqual({ status: 2, code: 'bad_request' });
    for (const words of [
      ['--port', 'x'],
      ['--port', '99999'],
      ['--nothing'],
      ['--rate', '5 MB'],
      ['stray'],
    ]) {
      const { status, stderr, stdout } = spawnSync(LAUNCHER, words, { encoding: 'utf8' });
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^skein-relay: [A-Z].*\. See: --help\n$/);
      expect(stderr).toContain(words[0]);
    }
  });
});
