/** Rights to a running program (rule H1). */
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestHost } from '../host/fixture.ts';
import { rightWhileRunning } from './rights.ts';

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(() => host.stop());

test('[H1] there is none to a program that has ended, which its host has let go of', async () => {
  const hosts = { get: () => host.control, socketOf: () => host.socket };
  const wanted = { host: 'test', role: 'read' as const, who: '', floor: 0 };
  const run = await host.run(['cat']);
  expect(await rightWhileRunning(hosts, { ...wanted, run })).toMatchObject({
    socket: host.socket,
    floored: true,
  });
  expect(await rightWhileRunning(hosts, { ...wanted, run: newId() })).toBeUndefined();
});
