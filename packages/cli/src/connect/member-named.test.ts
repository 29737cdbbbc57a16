/** Which device of a member is meant (rule M2). */
import type { SkeinError } from '@skein/protocol/errors';
import type { ListedMember } from '@skein/protocol/sessions/asks';
import { expect, test } from 'vitest';
import { deviceNamed } from './member-named.ts';

const device = (id: string, name: string): ListedMember['devices'][number] => ({
  ...{ id, name, role: 'operator', seen: 0, connected: false, attached: 0 },
});
const bob = {
  name: 'bob',
  devices: [device('A1', 'laptop'), device('B2', 'laptop'), device('C3', 'A1'), device('D4', 'phone')],
};

test('[M2] a device is meant by its PeerId, or by a name that no other has', () => {
  expect(deviceNamed(bob, 'phone').id).toBe('D4');
  expect(deviceNamed(bob, 'B2').id).toBe('B2');
  expect(deviceNamed(bob, 'A1').id).toBe('A1');
  expect(() => deviceNamed(bob, 'tablet')).toThrow(expect.objectContaining({ code: 'not_found' }));
});

test('[M2] of several of one name none is guessed', () => {
  const refused = expect.objectContaining<Partial<SkeinError>>({
    ...{ code: 'ambiguous', data: expect.objectContaining({ near: ['A1', 'B2'] }) },
  });
  expect(() => deviceNamed(bob, 'laptop')).toThrow(refused);
});
