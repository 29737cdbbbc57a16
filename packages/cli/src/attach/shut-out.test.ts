/** What is said to one who was attached and is turned away (rules K5, M2). */
import { SkeinError } from '@skein/protocol/errors';
import { expect, test } from 'vitest';
import { shutOut } from './shut-out.ts';

test('[K5] a session that is gone is not called a shut-out, nor a shut-out a removal', () => {
  const data = { rule: 'M2', needs: 'viewer', has: 'stranger' };
  for (const [code, more] of [
    ['not_allowed', data],
    ['not_found', undefined],
  ] as const)
    expect(shutOut('vm:api', new SkeinError(code, 'as the door says it', more)).toBody()).toEqual({
      code,
      message: 'vm:api was removed, or you were shut out of it.',
      data: { ...more, advice: 'Ask its owner.' },
    });
});

test('[M2] any other refusal says itself what is wrong', () => {
  const viewer = new SkeinError('not_allowed', 'x', { rule: 'M2', needs: 'operator', has: 'viewer' });
  expect(shutOut('vm:api', viewer)).toBe(viewer);
});

test('[K5] a node that this machine has forgotten meanwhile has shut out nobody', () => {
  const forgotten = new SkeinError('not_found', 'No node "vm" is known here.', { node: 'vm' });
  expect(shutOut('vm:api', forgotten).message).toBe('The node of vm:api was forgotten here.');
});
