/** Starting: the node once however many ask, and the quick commands with nothing that they do not need. */
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { kill } from './support/processes.ts';

const execute = promisify(execFile);

/** What each descriptor of a process is open on. */
function openFiles(pid: number): string[] {
  const dir = `/proc/${pid}/fd`;
  return readdirSync(dir).flatMap((fd) => {
    try {
      return [readlinkSync(`${dir}/${fd}`)];
    } catch {
      return []; // Closed since.
    }
  });
}

describe('the node starts by itself', () => {
  let skein: Skein;
  afterEach(() => skein.destroy());

  async function several(count: number): Promise<Set<number>> {
    const run = () =>
      execute(process.execPath, [skein.bundle, 'status', '--json'], { env: skein.env, timeout: 60_000 });
    const told = await Promise.all(Array.from({ length: count }, run));
    return new Set(told.map(({ stdout }) => JSON.parse(stdout).pid as number));
  }

  test('[K5] by one of several that say up: only that one has started it', async () => {
    skein = new Skein();
    const all = await Promise.all([1, 2, 3, 4].map(() => skein.later(['up', '--json'])));
    const told = all.map(({ stdout }) => JSON.parse(stdout) as { pid: number; started: boolean });
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(1);
    expect(told.filter(({ started }) => started)).toHaveLength(1);
  });

  test('once, for ten commands at the same moment', async () => {
    skein = new Skein();
    expect((await several(10)).size).toBe(1);
  });

  test('again after kill -9, over the socket that was left behind', async () => {
    skein = new Skein();
    const [first] = await several(1);
    kill(first as number);
    const again = await several(5);
    expect([again.size, again.has(first as number)]).toEqual([1, false]);
  });

  test('[H1] with nothing of what a script had open: its lock is free once it has ended', async () => {
    skein = new Skein();
    const lock = join(skein.home, 'script.lock');
    const skeinRun = `"${process.execPath}" "${skein.bundle}" run -d --name held -- cat`;
    const script = `exec 9>"${lock}" 200>"${lock}.200" 4000>"${lock}.4000"; ${skeinRun}`;
    const options = { env: skein.env, timeout: 60_000 };
    await execute('bash', ['-c', script], options);
    const { pid, hosts } = skein.json<{ pid: number; hosts: { pid: number }[] }>('status');
    const events = skein.json<{ type: string; body: { pid: number } }[]>('events', 'held');
    const program = events.find((event) => event.type === 'run.started')?.body.pid;
    const pids = [pid, ...hosts.map((host) => host.pid), Number(program)];
    expect(pids.map((one) => openFiles(one).filter((name) => name.startsWith(lock)))).toEqual([[], [], []]);
  });

  test('[K2] and a command that it is restarted under is done once, and says so', async () => {
    skein = new Skein();
    skein.run('run', '-d', '--name', 'n-0', '--', 'cat');
    let restarts = 0;
    const restarting = (async () => {
      for (; restarts < 4; restarts++) await skein.later(['restart']);
    })();
    let names = 0;
    const failures: string[] = [];
    while (restarts < 4) {
      const { status, stderr } = await skein.later(['rename', `n-${names}`, `n-${names + 1}`]);
      if (status !== 0) failures.push(stderr);
      else names++;
    }
    await restarting;
    expect(failures).toEqual([]);
    expect(skein.json<{ name: string }[]>('ls').map(({ name }) => name)).toEqual([`n-${names}`]);
  });

  test('[C1] and is found, and stopped, when something has removed its socket', async () => {
    skein = new Skein();
    const [pid] = await several(1);
    const socket = join(skein.home, 'run', 'node.sock');
    rmSync(socket);
    expect([...(await several(3))]).toEqual([pid]);
    rmSync(socket);
    expect(skein.json('down')).toMatchObject({ stopped: true, pid });
    expect(skein.json('down')).toMatchObject({ stopped: false });
  });

  test('[N1] with nothing of the agent in whose shell that happens, whose capability others would inherit', () => {
    skein = new Skein();
    const env = { SKEIN_CAPABILITY: '/x/capability', SKEIN_AGENT: 'a', SKEIN_SESSION: 's', SKEIN_OTHER: 'o' };
    const { pid } = JSON.parse(skein.try(['status', '--json'], { env }).stdout) as { pid: number };
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const kept = names.filter((one) => /^SKEIN_(CAP|AGENT|SESSION|OTHER)/.test(one));
    expect(kept).toEqual(['SKEIN_OTHER=o']);
  });

  test('a home that is a directory of this user is made by it, for its owner alone', () => {
    skein = new Skein();
    rmSync(skein.home, { recursive: true });
    expect(skein.json('ls')).toEqual([]);
  });

  test('and what keeps it from starting is told', () => {
    skein = new Skein();
    const failing = join(skein.home, 'failing.cjs');
    writeFileSync(failing, "throw new Error('the disk is on fire')");
    const silent = skein.try(['ls'], { env: { SKEIN_NODE_BUNDLE: failing } });
    expect([silent.status, silent.stderr]).toEqual([4, expect.stringContaining('the disk is on fire')]);
    const error = { error: { code: 'database_newer', message: 'It is from a newer Skein.' } };
    writeFileSync(failing, `console.log(${JSON.stringify(JSON.stringify(error))})`);
    const told = skein.try(['ls', '--json'], { env: { SKEIN_NODE_BUNDLE: failing } });
    expect([told.status, JSON.parse(told.stderr)]).toEqual([1, error]);
    expect(skein.try(['down']).stdout).toMatch(/No node is running/);
  });
});

describe('the quick commands', () => {
  let skein: Skein;
  beforeAll(() => {
    skein = new Skein();
    skein.run('run', '-d', '--name', 'cat', '--', 'cat');
  });
  afterAll(() => skein.destroy());

  /** The modules of Node that a command has loaded by its end. */
  function loaded(...args: string[]): string[] {
    const trace = join(skein.home, 'trace.cjs');
    const list = join(skein.home, 'loaded.json');
    writeFileSync(
      trace,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(list)},
        JSON.stringify(process.moduleLoadList.filter((m) => m.startsWith('NativeModule ')).map((m) => m.slice(13)))));`,
    );
    const { status, stderr } = spawnSync(process.execPath, ['--require', trace, skein.bundle, ...args], {
      env: skein.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(readFileSync(list, 'utf8'));
  }

  /** Commander and what starts the node load child_process, ws all of the others; net, stream and tty take 3 ms. */
  const HEAVY = [
    'net',
    'stream',
    'tty',
    'http',
    'tls',
    'crypto',
    'zlib',
    'child_process',
    'worker_threads',
    'dns',
  ];

  test.each(['ls', 'ls --json', 'screen cat', 'send cat x', 'send cat --keys C-l --json'])(
    '%s loads none',
    (line) => {
      const modules = loaded(...line.split(' '));
      expect(HEAVY.filter((name) => modules.includes(name))).toEqual([]);
    },
  );

  test('other commands do, so that the test can see it', () => {
    expect(loaded('status')).toContain('child_process');
  });

  test('neither zod nor ws is in the bundle at all', () => {
    expect(readFileSync(skein.bundle, 'utf8')).not.toMatch(/ZodError|WebSocketServer|perMessageDeflate/);
  });
});
