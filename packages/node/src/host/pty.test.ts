/** A PTY by itself: input that its program does not take, or takes only while somebody reads what it prints. */
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
