/** Every command of the real `skein`: what it prints, its JSON, its exit status, its errors (rules K5, L3). */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { byLine, Follower } from './support/follower.ts';
import { until } from './support/processes.ts';

let skein: Skein;
beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

interface Listed {
  id: string;
  name: string;
  state: string;
  attached: number;
  created: number;
  size: { cols: number; rows: number } | null;
}

/** A failed call: its exit status and the code in its JSON; stdout must be empty. */
function failure(...args: string[]): [number | null, string] {
  const { status, stdout, stderr } = skein.try([args[0] as string, '--json', ...args.slice(1)]);
  expect(stdout).toBe('');
  return [status, JSON.parse(stderr).error.code];
}

describe('sessions', () => {
  test('run -d prints the id; ls has what was promised', () => {
    const id = skein.run('run', '-d', '--name', 'cat', '--size', '100x30', '--', 'cat').trim();
    expect(id).toMatch(/^[a-z2-7]{12}$/);
    const [listed] = skein.json<Listed[]>('ls');
    expect(listed).toMatchObject({
      id,
      name: 'cat',
      state: 'running',
      attached: 0,
      size: { cols: 100, rows: 30 },
    });
    expect(Math.abs(Date.now() - (listed?.created ?? 0))).toBeLessThan(60_000);
    expect(skein.run('ls')).toMatch(/^ID +NAME +STATE.*\n.* cat +running .* 100x30 +cat\n$/);
  });

  test('send types text, keys and stdin; screen shows it; both know the beginning of a name', async () => {
    skein.run('send', 'ca', 'héllo wörld', '--enter');
    expect(skein.json('send', 'cat', '--keys', 'a,b,Enter')).toMatchObject({ name: 'cat', bytes: 3 });
    const { status } = skein.try(['send', 'cat', '-'], { input: 'from stdin\n' });
    expect(status).toBe(0);
    await until('all of it on the screen', () => {
      const text = skein.run('screen', 'cat');
      return ['héllo wörld', 'ab', 'from stdin'].every((line) => text.split(line).length === 3);
    });
    expect(skein.json('screen', 'cat')).toMatchObject({ cols: 100, rows: 30 });
  });

  test.each([
    ['--home', () => ({ SKEIN_HOME: '', HOME: '/nowhere' }), () => ['--home', skein.home]],
    ['a relative SKEIN_HOME', () => ({ SKEIN_HOME: relative(process.cwd(), skein.home) }), () => []],
  ])('skein in a program means the node that runs it, though that was named by %s', (_, env, words) => {
    const shell = ['sh', '-c', 'echo "$SKEIN_HOME"'];
    const { stdout, stderr } = skein.try(['run', ...words(), '-n', 'env', '-C', '/', '--', ...shell], {
      env: env(),
    });
    skein.run('rm', 'env', '--purge');
    expect([stderr, stdout.trim()]).toEqual(['', skein.home]);
  });

  test('[H3] send presses cursor keys in the form that the program has asked for, as its terminal would', async () => {
    const script = String.raw`stty -echo -icanon; printf '\033[?1hready'; exec cat -v`;
    skein.run('run', '-d', '--name', 'cursor', '--', 'sh', '-c', script);
    await until('it is ready', () => skein.run('screen', 'cursor').includes('ready'));
    expect(skein.json('screen', 'cursor')).toMatchObject({ applicationCursor: true });
    skein.run('send', 'cursor', '--keys', 'Up,C-Up,Home', '--enter');
    await until('the keys', () => skein.run('screen', 'cursor').includes('^[OA^[[1;5A^[OH'));
    skein.run('send', 'cat', '--keys', 'Up,Enter');
    await until('the key', () => skein.run('screen', 'cat').includes('^[[A'));
    skein.run('rm', '-f', 'cursor');
  });

  test('a large stdin is typed whole, no faster than the program reads', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `line ${i}`).join('\n');
    skein.run('run', '-d', '--name', 'sink', '--', 'sh', '-c', 'stty -echo; wc -l');
    await until(
      'the echo is off',
      () => skein.try(['send', 'sink', '-'], { input: `${lines}\n` }).status === 0,
    );
    skein.run('send', 'sink', '--keys', 'C-d');
    await until('its count', () => /\b\d{4,}\b/.test(skein.run('screen', 'sink')));
    expect(skein.run('screen', 'sink').trim()).toBe('4000');
  });

  test('resize, rename, and the events of both', () => {
    expect(skein.json('resize', 'cat', '90x20')).toEqual({ cols: 90, rows: 20 });
    expect(skein.json('rename', 'cat', 'tom')).toMatchObject({ name: 'tom' });
    const events = skein.json<{ offset: number; type: string; stream: string }[]>('events', 'tom');
    expect(events.map((event) => event.offset)).toEqual(events.map((_, i) => i + 1));
    expect(events.map((event) => event.type)).toContain('session.renamed');
    expect(skein.json<unknown[]>('events', 'tom', '--from', '2').length).toBe(events.length - 2);
    expect(skein.run('events')).toContain('session.added');
  });

  test('[L3] who follows a session is at the end when it is removed', async () => {
    skein.run('run', '-d', '--name', 'going', '--', 'true');
    skein.try(['wait', 'going']);
    const lines: string[] = [];
    const follower = new Follower(
      skein,
      ['events', 'going', '--follow'],
      byLine((line) => lines.push(line)),
    );
    await until('it has told of the end', () => lines.some((line) => line.includes('run.exited')));
    skein.run('rm', 'going');
    await until('it has ended', () => !follower.running);
    expect([follower.errors, lines.at(-1)]).toEqual(['', expect.stringContaining('session.removed')]);
  });

  test('the environment and the directory are those of the caller, with what --env adds', async () => {
    const words = ['run', '-d', '--name', 'env', '-C', '/usr', '-e', 'EXTRA=a=b', '--', 'sh', '-c'];
    skein.run(...words, 'echo "[$EXTRA][$PWD][$SKEIN_SESSION]"; sleep 1000');
    const [listed] = skein.json<Listed[]>('ls').filter((s) => s.name === 'env');
    await until('its words', () => skein.run('screen', 'env').includes(`[a=b][/usr][${listed?.id}]`));
  });

  test.each(['kill', 'stop', 'rm -f'])('[K5] %s of what is named twice is as of once', (words) => {
    const id = skein.run('run', '-d', '--name', 'twice', '--', 'sleep', '1000').trim();
    expect(skein.json(...words.split(' '), 'twice', id)).toMatchObject([{ id }]);
    if (words !== 'rm -f') skein.run('rm', 'twice');
  });

  test('[K5] of several, what was done is told though another could not be; and nothing is done where one is not found', () => {
    for (const name of ['good', 'ended']) skein.run('run', '-d', '--name', name, '--', 'sleep', '1000');
    skein.run('stop', 'ended');
    const names = () => skein.json<Listed[]>('ls').map(({ name }) => name);
    expect(failure('stop', 'good', 'nobody:x')).toEqual([3, 'not_found']);
    expect(failure('rm', 'ended', 'nothing')).toEqual([3, 'not_found']);
    expect(names()).toContain('ended');
    const removed = skein.try(['rm', 'ended', 'good', '--json']);
    expect([removed.status, JSON.parse(removed.stdout)]).toMatchObject([1, [{ name: 'ended' }]]);
    expect(JSON.parse(removed.stderr).error).toMatchObject({ code: 'still_running' });
    expect(names()).not.toContain('ended');
    skein.run('run', '-d', '--name', 'ended', '--', 'true');
    skein.run('wait', 'ended');
    const stopped = skein.try(['stop', 'good', 'ended']);
    expect([stopped.status, stopped.stdout]).toEqual([1, 'good: SIGHUP\n']);
    expect(stopped.stderr).toMatch(/^skein: ended: Session "ended" has no running program/);
    skein.run('rm', 'good', 'ended');
  });

  test('[K5] what is wrong with a word is said of that word', () => {
    for (const command of ['rm', 'screen', 'events']) {
      const { status, stderr } = skein.try([command, '']);
      expect([status, stderr]).toEqual([2, expect.stringContaining('it is empty, and names no session')]);
    }
    expect(failure('agent', 'ls', 'claude')).toEqual([2, 'bad_request']);
    expect(failure('mcp', '--session', 'nobody')).toEqual([3, 'not_found']);
    expect(failure('mesh', '--listen', '1.2.3.4:99999')).toEqual([2, 'bad_address']);
    expect(skein.json('mesh')).toMatchObject({ on: false, listen: [] });
  });

  test('[K5] --json is whose words it stands among', () => {
    expect(JSON.parse(skein.run('--version', '--json'))).toEqual({ version: skein.run('--version').trim() });
    const told = skein.try(['run', '-d', '--', 'no-such-program', '--json']).stderr;
    expect(told).toMatch(/^skein: .* \(program_not_found\)/);
    expect(skein.try(['send', 'nobody', '--', '--json']).stderr).toMatch(/^skein: .* \(not_found\)/);
  });

  test('stop and kill end programs, wait tells how, rm forgets them', () => {
    expect(skein.json('stop', 'env', 'tom')).toMatchObject([
      { name: 'env', state: 'exited' },
      { name: 'tom', state: 'exited' },
    ]);
    skein.run('run', '-d', '--name', 'long', '--', 'sleep', '1000');
    expect(skein.json('kill', 'long')).toMatchObject([{ name: 'long', signal: 'SIGKILL' }]);
    expect(skein.try(['wait', 'long']).status).toBe(137);
    skein.run('run', '-d', '--name', 'seven', '--', 'sh', '-c', 'exit 7');
    const waited = skein.try(['wait', 'seven', '--json']);
    expect([waited.status, JSON.parse(waited.stdout)]).toMatchObject([
      7,
      { state: 'exited', code: 7, signal: null },
    ]);
    skein.run('run', '-d', '--name', 'alive', '--', 'cat');
    expect(failure('rm', 'alive')).toEqual([1, 'still_running']);
    expect(failure('wait', 'alive', '-t', '0')).toEqual([1, 'timeout']);
    expect(skein.json('rm', '--force', '--purge', 'alive', 'long', 'seven')).toMatchObject([
      { name: 'alive', purged: true },
      { name: 'long', purged: true },
      { name: 'seven', purged: true },
    ]);
    expect(skein.json<Listed[]>('ls').map((s) => s.name)).toEqual(['tom', 'sink', 'env']);
    expect(skein.json<Listed[]>('ls', '-r')).toEqual([]);
  });
});

describe('output', () => {
  test('without a terminal run prints what the program prints, and ends as it ends', () => {
    const ran = skein.try(['run', '--name', 'three', '--', 'sh', '-c', 'printf "a\\033[31mb\\n"; exit 3']);
    expect(ran).toMatchObject({ status: 3, stdout: 'a\x1b[31mb\r\n' });
    expect(skein.run('output', 'three')).toBe('a\x1b[31mb\r\n');
    expect(skein.run('output', 'three', '--from', '6')).toBe('b\r\n');
    const { data, to, gaps } = skein.json<{ data: string; to: number; gaps: unknown[] }>('output', 'three');
    expect([Buffer.from(data, 'base64').toString(), to, gaps]).toEqual(['a\x1b[31mb\r\n', 9, []]);
    expect(skein.run('screen', 'three', '--ansi')).toContain('31');
  });

  test('without a terminal run that is told to end says that the program goes on', async () => {
    let out = '';
    const words = ['run', '--name', 'goes-on', '--', 'sh', '-c', 'echo up; exec sleep 1000'];
    const running = new Follower(skein, words, (bytes) => {
      out += Buffer.from(bytes).toString();
    });
    await until('it prints', () => out === 'up\r\n');
    // A shell ends its script only where the signal did it.
    expect(await running.stop('SIGINT')).toBeNull();
    expect(running.errors).toContain('"goes-on" goes on. To see it: skein attach goes-on.');
    expect(skein.json<Listed[]>('ls').find(({ name }) => name === 'goes-on')?.state).toBe('running');
    skein.run('rm', '-f', 'goes-on');
  });

  test('output of a program that runs comes from its host, as far as it is', async () => {
    skein.run('run', '-d', '--name', 'live', '--', 'sh', '-c', 'seq 2000; exec cat');
    await until('its last line', () => skein.run('output', 'live').endsWith('2000\r\n'));
    expect(skein.run('output', 'live').split('\r\n').length).toBe(2001);
    // Past its end there would be silence otherwise, or waiting for it to come so far.
    expect(failure('output', 'live', '--from', '99999')).toEqual([1, 'cursor_past_head']);
    expect(failure('output', 'live', '--from', '99999', '--follow')).toEqual([1, 'cursor_past_head']);
    skein.run('rm', '-f', 'live');
  });

  test('much output arrives whole, from the program that runs and from the one that has ended', () => {
    const options = { env: skein.env, maxBuffer: 64 * 1024 * 1024 };
    const all = ['run', '--name', 'much', '--', 'seq', '400000'];
    const live = execFileSync(process.execPath, [skein.bundle, ...all], options);
    expect(live.toString().split('\r\n').length).toBe(400_001);
    const kept = execFileSync(process.execPath, [skein.bundle, 'output', 'much'], options);
    expect(kept.equals(live)).toBe(true);
  });

  test('[H2] of a session that keeps less, the oldest output goes, and what is missing is told', async () => {
    // Three times what is kept.
    const [last, bytes] = [3_000_000, 25_888_896];
    const kept = ['--keep', '8MiB'];
    const output = (...words: string[]) =>
      execFileSync(process.execPath, [skein.bundle, 'output', 'few', ...words], {
        env: skein.env,
        maxBuffer: 2 * bytes,
        encoding: 'utf8',
      });
    skein.run('run', '-d', '--name', 'few', ...kept, '--', 'sh', '-c', `seq ${last}; exec cat`);
    await until('its last line', () => skein.run('screen', 'few').includes(`${last}`), 60_000);
    await until('what is more than 8 MiB to go, but for the piece that they begin in', () => {
      const told = JSON.parse(output('--json')) as { gaps: { from: number; to: number }[]; to: number };
      expect(told.to).toBe(bytes);
      return told.gaps[0]?.from === 0 && bytes - told.gaps[0].to <= 12 * 1024 ** 2;
    });
    expect(output()).toMatch(new RegExp(`${last - 1}\r\n${last}\r\n$`));
    skein.run('rm', '-f', 'few');
    const refused = skein.try(['run', '--keep', '1MiB', '--', 'cat']);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('8.0 MiB to 64 GiB') });
  }, 60_000);

  test('[K5] what cannot be written is told, and only a reader that is gone is not', () => {
    const into = (words: string, where: string) =>
      spawnSync('bash', ['-o', 'pipefail', '-c', `${skein.command} ${words} ${where}`], { encoding: 'utf8' });
    for (const words of ['output three', 'ls', 'ls --json', 'screen three']) {
      const { status, stderr } = into(words, '> /dev/full');
      expect([words, status]).toEqual([words, 1]);
      expect(stderr).toContain('storage_unavailable');
      expect(stderr).toContain('the disk is full');
    }
    for (const words of [
      'output three --json',
      'output three -f --json',
      'export three --json',
      'events three -f --json',
    ]) {
      const { status, stderr } = into(words, '> /dev/full');
      expect([words, status, JSON.parse(stderr).error.code]).toEqual([words, 1, 'storage_unavailable']);
    }
    expect(into('output much', '| head -c 1')).toMatchObject({ status: 141, stderr: '' });
  });

  test('export gives events and output, or plain text', () => {
    const lines = skein.run('export', 'three').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map((r) => r.type ?? r.kind)).toEqual([
      'session.created',
      'run.requested',
      'run.started',
      'output',
      'run.exited',
    ]);
    expect(records[3]).toMatchObject({ offset: 0, bytes: 9, text: 'a\x1b[31mb\r\n' });
    expect(skein.run('export', 'three', '--format', 'text')).toBe('ab\n');
    expect(skein.json('export', 'three', '--format', 'text')).toMatchObject({ text: 'ab\n' });
  });
});

describe('what is wrong is told', () => {
  test('[K5] each refusal has its code and its exit status', () => {
    expect(failure('screen', 'nobody')).toEqual([3, 'not_found']);
    expect(failure('run', '--', '/no/such/program')).toEqual([1, 'program_not_found']);
    expect(failure('run', '--', 'no-such-program')).toEqual([1, 'program_not_found']);
    expect(failure('run', '--cwd', '/no/such/dir', '--', 'cat')).toEqual([1, 'bad_cwd']);
    expect(failure('run', '--name', 'three', '--', 'cat')).toEqual([1, 'name_taken']);
    expect(failure('run', '--name', '-x/y', '--', 'cat')).toEqual([2, 'bad_name']);
    expect(failure('run', '--size', '0x0', '--', 'cat')).toEqual([2, 'bad_size']);
    expect(failure('run', '--size', '1000000x1000000', '--', 'cat')).toEqual([2, 'bad_size']);
    expect(failure('run', '--env', 'NOTHING', '--', 'cat')).toEqual([2, 'bad_request']);
    expect(failure('send', 'three', 'x')).toEqual([1, 'not_running']);
    expect(failure('send', 'three')).toEqual([2, 'bad_request']);
    expect(failure('kill', 'three')).toEqual([1, 'not_running']);
    expect(failure('kill', 'three', '-s', 'NOPE')).toEqual([2, 'bad_request']);
    expect(failure('events', 'three', '--from', '999')).toEqual([1, 'cursor_past_head']);
    expect(failure('output', 'three', '--from', '999')).toEqual([1, 'cursor_past_head']);
    expect(failure('export', 'three', '--format', 'pdf')).toEqual([2, 'bad_request']);
    expect(failure('attach', 'three')).toEqual([2, 'bad_request']);
    expect(failure('ls', '--nope')).toEqual([2, 'bad_request']);
    // What was refused has left nothing behind.
    expect(skein.json<Listed[]>('ls').map((s) => s.name)).toEqual(['tom', 'sink', 'env', 'three', 'much']);
  });

  test('for people: a sentence with its code, near names, and what to do', () => {
    const { status, stdout, stderr } = skein.try(['screen', 'thre']);
    expect([status, stdout, stderr]).toEqual([0, 'ab\n', '']);
    skein.run('run', '-d', '--name', 'thrice', '--', 'cat');
    const ambiguous = skein.try(['screen', 'thr']);
    expect([ambiguous.status, ambiguous.stderr]).toEqual([
      3,
      expect.stringMatching(/^skein: .*three, thrice.*\(ambiguous\)\n/),
    ]);
    expect(skein.try(['screen', 'threx']).stderr).toMatch(/three.*\(not_found\)/);
    expect(skein.try(['lss']).stderr).toMatch(/ls.*\(bad_request\)\nSee: skein --help\n/);
    skein.run('rm', '-f', 'thrice');
  });

  test('a home that is not ours alone is not allowed', () => {
    const open = join(skein.home, 'open');
    mkdirSync(open, { mode: 0o755 });
    expect(failure('ls', '--home', open)).toEqual([5, 'home_unsafe']);
    writeFileSync(join(skein.home, 'file'), '');
    expect(failure('status', '--home', join(skein.home, 'file'))).toEqual([5, 'home_unsafe']);
    expect(failure('ls', '--home', `/tmp/${'x'.repeat(99)}`)).toEqual([1, 'path_too_long']);
  });
});

describe('the node', () => {
  test('status has what was promised', () => {
    const status = skein.json<Record<string, unknown>>('status');
    expect(status).toMatchObject({ home: skein.home, sessions: { total: 5 }, log: { damaged: [] } });
    for (const field of ['pid', 'version', 'uptime', 'hosts', 'queues']) expect(status).toHaveProperty(field);
    expect(skein.run('status')).toMatch(/node +pid \d+/);
  });

  test('doctor finds nothing wrong, with the node and without', () => {
    const { ok, checks } = skein.json<{ ok: boolean; checks: { name: string; state: string }[] }>('doctor');
    expect([ok, checks.filter((c) => c.state === 'fail')]).toEqual([true, []]);
    expect(checks.map((c) => c.name)).toEqual(
      expect.arrayContaining([
        'runtime',
        'pty',
        'home',
        'disk',
        'node',
        'socket',
        'version',
        'hosts',
        'log',
        'terminal',
      ]),
    );
    skein.run('down');
    expect(skein.json('doctor')).toMatchObject({ ok: true });
    expect(skein.json('down')).toEqual({ stopped: false, pid: null, sessions: 0 });
  });

  test('[K5] doctor finds a configuration that is wrong', () => {
    const file = join(skein.home, 'config.json');
    writeFileSync(file, '{"detach": "frob"}');
    const { checks } = JSON.parse(skein.try(['doctor', '--json']).stdout) as {
      checks: { name: string; state: string; advice: string }[];
    };
    const config = { name: 'config', state: 'fail', advice: expect.stringContaining(file) };
    expect(checks).toContainEqual(expect.objectContaining(config));
    rmSync(file);
  });

  test('logs are there without a node', () => {
    expect(skein.run('logs')).toMatch(/info +Stopping\./);
    const records = skein.json<{ msg: string }[]>('logs', '-n', '2');
    expect(records.length).toBe(2);
    expect(skein.try(['status', '--home', join(skein.home, 'none')]).status).not.toBe(3);
    skein.run('down', '--home', join(skein.home, 'none'));
  });

  test('down leaves sessions alive, restart finds them, down --kill ends them', () => {
    const id = skein.run('run', '-d', '--name', 'stays', '--', 'cat').trim();
    expect(skein.run('down')).toMatch(/lives on.*: skein down --kill\n$/);
    skein.run('up');
    // What is advised is about the node that was named, not the usual one.
    expect(skein.run('down', '--home', skein.home)).toContain(`skein down --kill --home ${skein.home}\n`);
    const before = skein.json<{ pid: number }>('up');
    const after = skein.json<{ pid: number; before: { pid: number } }>('restart');
    expect([after.before.pid, after.pid === before.pid]).toEqual([before.pid, false]);
    expect(skein.json<Listed[]>('ls', '-r').map((s) => s.id)).toEqual([id]);
    expect(skein.json('down', '--kill')).toMatchObject({ stopped: true, sessions: 1 });
    expect(skein.json<Listed[]>('ls', '-r')).toEqual([]);
  });
});
