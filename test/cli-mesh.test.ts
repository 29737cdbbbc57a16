/** A node that others meet, as its places come and go (rules M5, R3): by the real `skein`, two homes and a relay. */
import { once } from 'node:events';
import { mkdirSync, rmdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { MeshAnswer } from '@skein/protocol/peers/asks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { RelaySite } from './support/relay-site.ts';
import { connectNode } from './support/transport.ts';

let relay: RelaySite;
let home: Skein;
let guest: Skein;
beforeAll(async () => {
  relay = await RelaySite.start();
  [home, guest] = [new Skein(), new Skein()];
  guest.run('mesh', '--listen', 'none');
  home.run('mesh', '--listen', 'none', '--name', 'vm', '--relay', relay.url);
  home.run('run', '-d', '--name', 'api', '--', 'cat');
  guest.run('join', home.run('share', 'api').trim());
});
afterAll(async () => {
  guest.destroy();
  home.destroy();
  await relay.end();
});

const meshOf = (node: Skein) => node.json<MeshAnswer>('mesh');

test('[M5] a port that is taken at the start is told, and takes away neither the relays nor what is done later', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  expect(home.try(['mesh', '--listen', `127.0.0.1:${port}`]).status).toBe(1);
  home.run('down');
  const up = home.try(['up']);
  expect(up).toMatchObject({ status: 0, stderr: expect.stringContaining('is taken by another program') });
  expect(meshOf(home)).toMatchObject({ on: true, addrs: [], error: expect.stringContaining('is taken') });
  await until('it is registered', () => meshOf(home).relays[0]?.state === 'registered');
  expect(guest.try(['screen', 'vm:api']).status).toBe(0);
  // What is asked for besides is had.
  expect(home.try(['mesh', '--on']).status).toBe(0);
  expect(home.try(['node', 'show', '--json']).status).toBe(0);
  expect(home.run('status')).toContain('is taken by another program');
  holder.close();
  await until('it listens', () => meshOf(home).addrs.length === 1);
  expect(meshOf(home).error).toBeUndefined();
  expect(home.try(['up']).stderr).toBe('');
}, 60_000);

test('[M5] a mesh that cannot be had at all at the start is had as soon as it can be', async () => {
  home.run('down');
  const admissions = join(home.home, 'identity', 'admissions');
  mkdirSync(admissions);
  expect(home.try(['up']).stderr).toContain('EISDIR');
  expect(meshOf(home)).toMatchObject({ on: false, error: expect.stringContaining('EISDIR') });
  rmdirSync(admissions);
  await until('it is on', () => meshOf(home).on);
  expect(guest.try(['screen', 'vm:api']).status).toBe(0);
}, 60_000);

test("[K5] a node itself cannot be blocked, and of a member's device that was never added nothing can be renamed or forgotten", async () => {
  guest.run('screen', 'vm:api');
  const own = meshOf(home).id;
  const refused = (...words: string[]) => {
    const { status, stderr } = home.try(['node', ...words, '--json']);
    return [status, JSON.parse(stderr).error.message];
  };
  expect(refused('block', own)).toEqual([2, 'That is this node itself.']);
  const client = await connectNode(home.home);
  const asked = client.command('peers', 'peer.block', { peer: own, blocked: true });
  await expect(asked).rejects.toMatchObject({ code: 'bad_request' });
  client.close();
  const [device] = home.json<{ peer: string; people: string[] }[]>('nodes');
  const person = device?.people[0] ?? '';
  const nothing = `Of the node of ${person} nothing is kept here: it was not added or joined.`;
  expect(refused('rename', person, 'foo')).toEqual([3, nothing]);
  expect(refused('forget', device?.peer ?? '')).toEqual([3, nothing]);
});

test('[M3] a device that is not connected is listed without a path, whatever its node still keeps open', async () => {
  type Device = { connected: boolean; path?: string };
  const devices = () => home.json<{ devices: Device[] }[]>('members', 'api').flatMap((one) => one.devices);
  guest.run('screen', 'vm:api');
  await until('its command has ended', () => devices().every(({ connected }) => !connected));
  expect(devices()).toHaveLength(1);
  expect(devices()[0]).not.toHaveProperty('path');
});

test('[M5] where a node said that it can be found it is found after a restart, though its ticket did not say so', async () => {
  const second = await RelaySite.start();
  try {
    expect(home.try(['mesh', '--relay', second.url]).status).toBe(0);
    // It is told to whoever is connected.
    expect(guest.try(['screen', 'vm:api']).status).toBe(0);
    await relay.kill();
    guest.run('down');
    expect(guest.try(['screen', 'vm:api'])).toMatchObject({ status: 0, stderr: '' });
  } finally {
    home.run('mesh', '--no-relay', second.url);
    await second.end();
  }
}, 60_000);
