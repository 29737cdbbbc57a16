/** A PTY by itself: input that its program does not take, or takes only while somebody reads what it prints. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { Pty } from './pty.ts';

const SIZE = { cwd: '/', env: { PATH: process.env.PATH ?? '' }, cols: 80, rows: 24 };

/** A shell script on a terminal without echo or line discipline; resolves once it has said `ready`. */
async function raw(script: string) {
  let seen = Buffer.alloc(0);
  let look = () => {};
  const exited = Promise.withResolvers<void>();
  const pty = new Pty(
    { ...SIZE, argv: ['sh', '-c', `stty raw -echo; printf ready; ${script}`] },
    {
      data: (bytes) => {
        seen = Buffer.concat([seen, bytes]);
        look();
      },
      exit: () => exited.resolve(),
    },
  );
  const printed = (size: number) =>
    new Promise<Buffer>((resolve) => {
      look = () => seen.length >= size && resolve(seen);
      look();
    });
  await printed('ready'.length);
  const end = () => {
    process.kill(pty.pid, 'SIGKILL');
    return exited.promise;
  };
  return { pty, printed, end };
}

test('[C2] a program that prints what it reads gets and gives a megabyte, whole and in order', async () => {
  const { pty, printed, end } = await raw('exec cat');
  const text = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i} of a long paste\r`).join(''));
  let taken = 0;
  for (let at = 0; at < text.length; at += 4095) pty.write(text.subarray(at, at + 4095), () => taken++);
  const all = await printed('ready'.length + text.length);
  expect(all.subarray('ready'.length).equals(text)).toBe(true);
  expect([pty.queued, taken]).toEqual([0, Math.ceil(text.length / 4095)]);
  await end();
});

test('[H1] a program that reads nothing holds up no other of its host', async () => {
  const deaf = await raw('exec sleep 600');
  deaf.pty.write(Buffer.alloc(512 * 1024, 'x'), () => {});
  expect(deaf.pty.queued).toBeGreaterThan(0);
  const other = await raw('exec cat');
  other.pty.write(Buffer.from('alive'), () => {});
  expect(String(await other.printed('readyalive'.length))).toBe('readyalive');
  await Promise.all([deaf.end(), other.end()]);
  expect(deaf.pty.queued).toBe(0);
});

test('[H2] what a program prints last is told, though it was held back when it ended', async () => {
  let seen = '';
  const exited = Promise.withResolvers<void>();
  const argv = ['sh', '-c', 'printf %06000d 0; printf THE-END'];
  const pty = new Pty(
    { ...SIZE, argv },
    {
      data: (bytes) => {
        seen += Buffer.from(bytes).toString();
      },
      exit: () => exited.resolve(),
    },
  );
  pty.pause();
  await exited.promise;
  expect(seen).toHaveLength(6007);
  expect(seen.endsWith('THE-END')).toBe(true);
});

/** What a script on a terminal prints, once it has ended, and how. */
async function ran(script: string) {
  let seen = '';
  const exited = Promise.withResolvers<{ code: number | null; signal: number | null }>();
  new Pty(
    { ...SIZE, argv: ['sh', '-c', script] },
    {
      data: (bytes) => {
        seen += Buffer.from(bytes).toString();
      },
      exit: (code, signal) => exited.resolve({ code, signal }),
    },
  );
  return { ...(await exited.promise), seen };
}

test.skipIf(process.platform !== 'linux')(
  '[H1] a program that prints elsewhere and reads nothing any more is not hung up on, and may come back',
  async () => {
    const elsewhere = 'exec </dev/null >/dev/null 2>&1';
    const back = await ran(`echo first; ${elsewhere}; sleep 0.3; echo back >/dev/tty; exit 5`);
    expect(back).toEqual({ code: 5, signal: null, seen: 'first\r\nback\r\n' });
    expect(await ran('exec <&- >&- 2>&-; sleep 0.3; exit 6')).toEqual({ code: 6, signal: null, seen: '' });
  },
);

test.skipIf(process.platform !== 'linux')(
  '[H2] no terminal is held open once its program has ended',
  async () => {
    const held = () =>
      fs.readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith('/dev/pts/');
        } catch {
          return false;
        }
      }).length;
    const before = held();
    const ends = Array.from({ length: 5 }, () => ran('echo one; exit 1'));
    for (const end of ends) expect(await end).toEqual({ code: 1, signal: null, seen: 'one\r\n' });
    expect(held()).toBe(before);
  },
);
