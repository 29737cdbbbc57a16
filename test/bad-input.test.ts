/** Mistakes and worse, through the real programs: each gets its typed error and exit status, and nothing is lost (rule K5). */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import type { ListedSession, Status } from '@skein/protocol/sessions/asks';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { DIST } from './support/node-process.ts';

let skein: Skein;
beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

/** Runs a command that must fail; with --json its error is one JSON value on stderr, and stdout stays empty. */
function refused(
  args: string[],
  options?: { env?: NodeJS.ProcessEnv },
): { status: number | null; code: string; message: string } {
  const words = args.includes('--') ? [args[0] as string, '--json', ...args.slice(1)] : [...args, '--json'];
  const { status, stdout, stderr } = skein.try(words, options);
  expect(stdout).toBe('');
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
  expect(error.message).toMatch(/\S \S.*/);
  return { status, code: error.code, message: error.message };
}

describe('commands', () => {
  test('[K5] a program or a directory that is not there', () => {
    expect(refused(['run', '-d', '--', 'no-such-program'])).toMatchObject({
      status: 1,
      code: 'program_not_found',
    });
    expect(refused(['run', '-d', '--', '/etc/passwd'])).toMatchObject({
      status: 1,
      code: 'program_not_found',
    });
    const round = join(skein.home, 'round');
    symlinkSync('round', round);
    for (const dir of ['/no/such/dir', round, `/${'long'.repeat(100)}`]) {
      expect(refused(['run', '-d', '--cwd', dir, '--', 'cat'])).toMatchObject({ status: 1, code: 'bad_cwd' });
    }
    expect(skein.json<ListedSession[]>('ls')).toEqual([]);
  });

  test('[C2] sessions whose programs have long words are listed like others', () => {
    const word = 'x'.repeat(100_000);
    const names = Array.from({ length: 12 }, (_, n) => `long${n}`);
    for (const name of names) skein.run('run', '-d', '-n', name, '--', 'sh', '-c', 'cat', word);
    const listed = skein.json<ListedSession[]>('ls');
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(listed[0]?.argv.slice(0, 3)).toEqual(['sh', '-c', 'cat']);
    expect(skein.json<Status>('status').sessions).toMatchObject({ running: 12 });
    skein.run('kill', ...names);
    skein.run('rm', '--purge', ...names);
  });

  test('[K5] a home that nothing can be made in is refused at once', () => {
    const env = { SKEIN_HOME: '/proc/nope/deeper' };
    expect(refused(['ls'], { env })).toMatchObject({ status: 5, code: 'home_unsafe' });
  });

  test('[K5] a directory that was removed while one is in it', () => {
    const gone = join(skein.home, 'gone');
    for (const words of ['run -d -- cat', 'agent ls', 'spawn claude', 'claims']) {
      const script = `mkdir ${gone}; cd ${gone}; rmdir ${gone}; ${skein.command} ${words}`;
      const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
      expect([words, status, stderr]).toEqual([words, 1, expect.stringContaining('(bad_cwd)')]);
      expect(stderr).toContain('--cwd');
    }
  });

  test('[K5] a name that is taken, or is none', () => {
    skein.run('run', '-d', '--name', 'taken', '--', 'cat');
    expect(refused(['run', '-d', '--name', 'taken', '--', 'cat'])).toMatchObject({
      status: 1,
      code: 'name_taken',
    });
    expect(refused(['run', '-d', '--name', '../x', '--', 'cat'])).toMatchObject({
      status: 2,
      code: 'bad_name',
    });
    expect(refused(['rename', 'taken', 'a b'])).toMatchObject({ status: 2, code: 'bad_name' });
    expect(skein.json<ListedSession[]>('ls').map((s) => s.name)).toEqual(['taken']);
  });

  test('[K5] more arguments, or more of an environment, than a node takes at once', () => {
    const large = Array.from({ length: 12 }, () => 'x'.repeat(100_000));
    expect(refused(['run', '-d', '--', 'cat', ...large])).toMatchObject({ status: 1, code: 'too_large' });
    const env = Object.fromEntries(large.map((text, i) => [`LARGE_${i}`, text]));
    expect(refused(['run', '-d', '--', 'cat'], { env })).toMatchObject({ status: 1, code: 'too_large' });
  });

  test('[K5] a size of 0×0 or a million', () => {
    for (const size of ['0x0', '1000000x1000000', '80', 'x', '-1x5']) {
      expect(refused(['run', '-d', '--size', size, '--', 'cat']).status).toBe(2);
      expect(refused(['resize', 'taken', size]).status).toBe(2);
    }
    expect(skein.json<ListedSession[]>('ls')[0]?.size).toEqual({ cols: 80, rows: 24 });
  });

  test('[K5] a session that is not there, a command that is not, an option that is not', () => {
    expect(refused(['screen', 'nobody'])).toMatchObject({ status: 3, code: 'not_found' });
    expect(refused(['screen', 'takn'])).toMatchObject({
      status: 3,
      message: expect.stringContaining('taken'),
    });
    expect(skein.try(['frobnicate']).status).toBe(2);
    expect(skein.try(['ls', '--frobnicate']).status).toBe(2);
    expect(skein.try(['send', 'taken']).status).toBe(2);
    expect(refused(['rm', 'taken'])).toMatchObject({ status: 1, code: 'still_running' });
  });

  test('[K5] [H5] invalid UTF-8 and every control byte and sequence in the output leave the session whole', () => {
    const script = join(skein.home, '../noise.sh');
    const bytes = Array.from({ length: 256 }, (_, i) => `\\${i.toString(8).padStart(3, '0')}`).join('');
    const finals = Array.from(
      { length: 63 },
      (_, i) => `\\033[${String.fromCharCode(0x40 + i).replace(/[\\`"$%]/, 'm')}`,
    ).join('');
    writeFileSync(
      script,
      `printf '${bytes}'; printf '${finals}'; printf '\\033]52;c;AAAA\\007\\033Pq\\033\\\\'; printf '\\033c'; echo whole; read x\n`,
    );
    skein.run('run', '-d', '--name', 'noise', '--', 'sh', script);
    const deadline = Date.now() + 10_000;
    while (!skein.run('screen', 'noise').includes('whole') && Date.now() < deadline);
    expect(skein.run('screen', 'noise')).toContain('whole');
    const raw = spawnSync(process.execPath, [skein.bundle, 'output', 'noise'], { env: skein.env });
    expect(raw.stdout.includes(Buffer.from([0xfe, 0xff]))).toBe(true);
    expect(raw.stdout.includes(Buffer.from('\x1b]52;c;AAAA\x07'))).toBe(true);
    skein.run('kill', 'noise');
  });
});

describe('homes', () => {
  test('[K5] a second node in the same home is refused, the first goes on', () => {
    const { pid } = skein.json<Status>('status');
    const second = spawnSync(process.execPath, [join(DIST, 'node.cjs'), '--home', skein.home], {
      encoding: 'utf8',
    });
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: 'already_running' } });
    expect(second.status).toBe(1);
    expect(skein.json<Status>('status').pid).toBe(pid);
  });

  test('[K5] ten commands at once start one node', async () => {
    const fresh = new Skein();
    try {
      const { spawn } = await import('node:child_process');
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => {
          const child = spawn(process.execPath, [fresh.bundle, 'status', '--json'], {
            env: fresh.env,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          let text = '';
          child.stdout.on('data', (chunk) => {
            text += chunk;
          });
          return new Promise<Status>((resolve) => child.on('close', () => resolve(JSON.parse(text))));
        }),
      );
      expect(new Set(answers.map((a) => a.pid)).size).toBe(1);
    } finally {
      fresh.destroy();
    }
  });

  test('[K5] a socket that a dead node left is no obstacle', async () => {
    const fresh = new Skein();
    try {
      mkdirSync(join(fresh.home, 'run'), { mode: 0o700 });
      const server = net.createServer();
      await new Promise<void>((resolve) => server.listen(join(fresh.home, 'run/node.sock'), resolve));
      // As a killed process leaves it: there, and nobody behind it.
      server.unref();
      const copy = join(fresh.home, 'run/kept.sock');
      const { linkSync, renameSync } = await import('node:fs');
      linkSync(join(fresh.home, 'run/node.sock'), copy);
      await new Promise((resolve) => server.close(resolve));
      renameSync(copy, join(fresh.home, 'run/node.sock'));
      expect(fresh.json<ListedSession[]>('ls')).toEqual([]);
    } finally {
      fresh.destroy();
    }
  });

  test('[K5] [L7] a log of a newer version is refused, and not touched', () => {
    const fresh = new Skein();
    try {
      fresh.run('up');
      fresh.run('down');
      const file = join(fresh.home, 'log/log.db');
      const db = new Database(file);
      db.pragma('user_version = 9999');
      // A log says its version twice, so that a flipped bit is not taken for a later release.
      db.pragma(`application_id = ${0x534b0000 + 9999}`);
      db.close();
      const { status, stderr } = fresh.try(['ls', '--json']);
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'database_newer' } });
      expect(status).toBe(1);
      const again = new Database(file, { readonly: true });
      expect(again.pragma('user_version', { simple: true })).toBe(9999);
      again.close();
    } finally {
      fresh.destroy();
    }
  });

  test('[K5] a home whose sockets the system cannot name, one that others can enter, and one that cannot be made', () => {
    const dir = mkdtempSync('/tmp/sk-bad-');
    try {
      const long = join(dir, 'x'.repeat(120));
      for (const command of ['ls', 'down'])
        expect(refused([command], { env: { SKEIN_HOME: long } })).toMatchObject({
          status: 1,
          code: 'path_too_long',
        });
      const open = join(dir, 'open');
      mkdirSync(open);
      chmodSync(open, 0o755);
      expect(refused(['ls'], { env: { SKEIN_HOME: open } })).toMatchObject({
        status: 5,
        code: 'home_unsafe',
      });
      writeFileSync(join(dir, 'file'), '');
      expect(refused(['ls'], { env: { SKEIN_HOME: join(dir, 'file/home') } })).toMatchObject({
        status: 5,
        code: 'home_unsafe',
      });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('[K5] a home in which something lies where Skein keeps its own', () => {
    const dir = mkdtempSync('/tmp/sk-bad-');
    const tried = ['node.lock', 'run', 'logs', 'hosts', 'identity', 'runtimes'].map((name) => {
      const home = join(dir, name);
      const place = join(home, name);
      mkdirSync(home, { mode: 0o700 });
      if (name === 'node.lock') mkdirSync(place);
      else writeFileSync(place, 'mine');
      const { status, code, message } = refused(['ls'], { env: { SKEIN_HOME: home } });
      return [name, status, code, message.includes(place)];
    });
    mkdirSync(join(dir, 'junk'), { mode: 0o700 });
    writeFileSync(
      join(dir, 'junk/node.lock'),
      'none of SQLite’s, and longer than a header of it '.repeat(20),
    );
    const junk = refused(['ls'], { env: { SKEIN_HOME: join(dir, 'junk') } });
    rmSync(dir, { recursive: true, force: true });
    expect(tried).toEqual(tried.map(([name]) => [name, 5, 'home_unsafe', true]));
    expect(junk).toMatchObject({ status: 5, code: 'home_unsafe' });
  });

  test('[L8] nothing in a home can be read by anybody else', () => {
    const found = spawnSync(
      'find',
      [skein.home, '-perm', '/077', '-not', '-type', 'l', '-not', '-path', '*/runtimes/*'],
      { encoding: 'utf8' },
    );
    expect(found.stdout).toBe('');
  });
});
