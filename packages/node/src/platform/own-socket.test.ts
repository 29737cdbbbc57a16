import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mounts, needs } from '../../../../test/support/needs.ts';
import { OwnSocket } from './own-socket.ts';

let home: string;
let at: string;
let server: net.Server;
let own: OwnSocket;
let anew: () => Promise<void>;
const ends: net.Socket[] = [];
const mounted: string[] = [];

beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-own-'));
  at = path.join(home, 'run', 'n.sock');
  fs.mkdirSync(path.dirname(at));
  server = net.createServer((socket) => socket.pipe(socket));
  let told = () => {};
  anew = () => new Promise((resolve) => (told = resolve));
  own = new OwnSocket(server, at, { every: 5, anew: () => told() });
  await own.open();
});
afterEach(() => {
  own.close();
  for (const end of ends.splice(0)) end.destroy();
  server.close();
  for (const dir of mounted.splice(0)) execFileSync('umount', ['-l', dir]);
  fs.rmSync(home, { recursive: true, force: true });
});

/** A small disk over a directory, for the test. */
function mount(dir: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', dir]);
  mounted.push(dir);
}

/** What comes back over a connection. */
function echoed(socket: net.Socket, word: string): Promise<string> {
  ends.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('data', (bytes) => resolve(String(bytes)));
    socket.once('error', reject);
    socket.write(word);
  });
}

test('[C1] a socket file that was removed, with its directory too, is made anew; who was connected stays so', async () => {
  const before = net.connect(at);
  expect(await echoed(before, 'a')).toBe('a');
  for (const removed of [at, path.dirname(at)]) {
    const again = anew();
    fs.rmSync(removed, { recursive: true });
    await again;
    expect(await echoed(net.connect(at), 'b')).toBe('b');
    expect(fs.statSync(at).mode & 0o077).toBe(0);
  }
  expect(await echoed(before, 'c')).toBe('c');
});

test('[C1] another file in its place makes way', async () => {
  const again = anew();
  fs.writeFileSync(`${at}.new`, 'not a socket');
  fs.renameSync(`${at}.new`, at);
  await again;
  expect(await echoed(net.connect(at), 'a')).toBe('a');
});

needs(mounts)('a copied disk', () => {
  test('[C1] a copy of it on another disk, mounted at the same place, has its inode and is another file', async () => {
    const disk = path.dirname(at);
    own.close();
    server.close();
    mount(disk);
    let told = () => {};
    own = new OwnSocket(server, at, { every: 5, anew: () => told() });
    await own.open();
    const { ino } = fs.statSync(at);
    const again = new Promise<void>((resolve) => (told = resolve));
    mount(disk);
    // The first files of two such disks have the same numbers.
    for (let n = 0; n < 9; n++) fs.writeFileSync(`${at}.${n}`, '');
    const same = fs.readdirSync(disk).find((name) => fs.statSync(path.join(disk, name)).ino === ino);
    fs.renameSync(path.join(disk, same ?? 'none'), at);
    await again;
    expect(await echoed(net.connect(at), 'a')).toBe('a');
  });
});
