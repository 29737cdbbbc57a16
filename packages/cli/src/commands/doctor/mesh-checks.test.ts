/** What the doctor says of the mesh: what is the matter with each relay, and what to do. */
import type { MeshAnswer } from '@skein/protocol/peers/asks';
import { expect, test } from 'vitest';
import { checkMesh } from './mesh-checks.ts';

const mesh = (more: Partial<MeshAnswer>): MeshAnswer => ({
  ...{ on: true, id: '12D3', name: 'laptop', addrs: ['/ip4/127.0.0.1/tcp/7001'], listen: [], relays: [] },
  ...more,
});
const url = 'ws://relay.example:7000';

test('[M5] a relay that is not there is a warning with the way to give it up', () => {
  const [on, relay] = checkMesh(mesh({ relays: [{ url, state: 'connecting', error: 'no answer' }] }), []);
  expect(on).toMatchObject({ state: 'ok', message: 'On, listens at 127.0.0.1:7001' });
  expect(relay).toMatchObject({ state: 'warn', message: `${url} cannot be reached: no answer` });
  expect(relay?.advice).toContain(`skein mesh --no-relay ${url}`);
});

test('[R3] a relay that refuses is a failure with the way to be let in', () => {
  const [, relay] = checkMesh(mesh({ relays: [{ url, state: 'refused', error: 'not on its list' }] }), []);
  expect(relay).toMatchObject({ state: 'fail' });
  expect(relay?.advice).toContain('--admission');
});

test('[R3] a relay that refuses because of the clock is no matter of being let in', () => {
  const error = "Your clock and the relay's differ by 86400 s; 120 s are allowed. Set it";
  const [, relay] = checkMesh(mesh({ relays: [{ url, state: 'refused', error, code: 'clock_skewed' }] }), []);
  expect(relay?.advice).toContain("this machine's clock");
  expect(relay?.advice).not.toContain('--admission');
});

test('a mesh that cannot be had is a failure; one that is off is none', () => {
  expect(checkMesh(mesh({ on: false, error: 'The port is taken.' }), [])).toMatchObject([{ state: 'fail' }]);
  expect(checkMesh(mesh({ on: false }), [])).toMatchObject([{ state: 'ok', advice: null }]);
  // Where it cannot listen, its relays are still told.
  const relays = [{ url, state: 'registered' as const }];
  const states = checkMesh(mesh({ error: 'The port is taken.', relays }), []).map(({ state }) => state);
  expect(states).toEqual(['fail', 'ok', 'ok']);
});

test('joined nodes are told with their paths', () => {
  const node = { peer: '12D3', bytesIn: 0, bytesOut: 0, blocked: false, people: [] };
  const sessions = [{ id: 'a', name: 'api', role: 'viewer' as const }];
  const [, nodes] = checkMesh(mesh({}), [
    { ...node, name: 'a', path: 'direct', sessions },
    { ...node, name: 'b', path: 'none', sessions },
    { ...node, name: '', path: 'direct', sessions: [] },
  ]);
  expect(nodes).toMatchObject({ state: 'ok', message: 'a direct, b not connected now' });
});

test('[R1] a copy of this node is a failure, whichever of the two is registered just now', () => {
  const error = 'Another node has the key of this one, says wss://r';
  for (const state of ['registered', 'connecting'] as const) {
    const [, relay] = checkMesh(mesh({ relays: [{ url, state, error, code: 'identity_unsafe' }] }), []);
    expect(relay).toMatchObject({ state: 'fail', message: error });
  }
});
