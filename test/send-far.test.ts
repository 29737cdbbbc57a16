/** `skein send` to a session of another node, whatever becomes of the way there meanwhile (rules H3, C4). */
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { freePort } from './support/free-port.ts';
import { kill, until } from './support/processes.ts';

const MIB = 2 ** 20;
/** Reads a MiB and says so, reads no more until a file is there, and then says how much came and what it was. */
const READER = `
const fs = require('node:fs');
const hash = require('node:crypto').createHash('sha256');
let read = 0;
process.stdin.setRawMode(true);
console.log('ready');
process.stdin.on('data', (bytes) => {
  const before = read;
  hash.update(bytes);
  read += bytes.length;
  if (before < ${MIB} && read >= ${MIB}) {
    process.stdin.pause();
    console.log('first');
    const look = setInterval(() => {
      if (!fs.existsSync(process.argv[1])) return;
      clearInterval(look);
      process.stdin.resume();
    }, 20);
  }
  if (read >= ${4 * MIB}) console.log('read ' + read + ' ' + hash.copy().digest('hex').slice(0, 16));
});
`;

let home: Skein;
let guest: Skein;
beforeAll(async () => {
  [home, guest] = [new Skein(), new Skein()];
  // The same after a restart.
  home.run('mesh', '--listen', `127.0.0.1:${await freePort()}`);
});
afterAll(() => {
  guest.destroy();
  home.destroy();
});

test('[H3] [C4] bytes of which a part was typed when its node was killed are typed once, all of them', {
  timeout: 60_000,
}, async () => {
  const go = join(home.home, 'go');
  home.run('run', '-d', '--name', 'reader', '--', process.execPath, '-e', READER, go);
  const shows = (words: string) =>
    until(words, () => home.try(['screen', 'reader']).stdout.includes(words), 30_000);
  await shows('ready');
  const { ticket } = home.json<{ ticket: string }>('share', 'reader', '--role', 'operator');
  const { status, stdout } = guest.try(['join', '-', '--json'], { input: `${ticket}\n` });
  expect(status).toBe(0);
  const { ref } = JSON.parse(stdout) as { ref: string };

  const bytes = Buffer.alloc(4 * MIB, 'every byte once, and in order. ');
  const sending = guest.later(['send', ref, '-'], { input: bytes.toString() });
  await shows('first');
  kill(home.json<{ pid: number }>('status').pid);
  home.run('up');
  writeFileSync(go, '');
  expect(await sending).toMatchObject({ status: 0, stderr: '' });
  await shows(`read ${bytes.length} ${hash('sha256', bytes).slice(0, 16)}`);
});
