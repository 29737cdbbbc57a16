/** Who stays when there are as many nodes as there may be (rule R3), with a real relay. */
import { afterEach, describe, expect, test } from 'vitest';
import { newIdentity } from './testing/keys.ts';
import { Scene } from './testing/scene.ts';

let scene: Scene;
afterEach(() => scene.end());

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const refusal = async (client: Awaited<ReturnType<Scene['join']>>) =>
  (await client.inbox.take('refused')).error.code;

describe('a relay that has as many nodes as it takes', () => {
  test('[R3] takes a further one in the place of the newest of whoever has most, while they have more', async () => {
    scene = await Scene.open({ trustProxy: true, quotas: { nodes: 5 } });
    const [, , newest] = [
      await scene.join(from('192.0.2.1')),
      await scene.join(from('192.0.2.1')),
      await scene.join(from('192.0.2.1')),
    ];
    for (const address of ['192.0.2.2', '192.0.2.2']) await scene.join(from(address));
    await scene.join(from('192.0.2.3'));
    expect(await refusal(newest)).toBe('relay_full');
    // Who was turned out does not do the same to others, though another key of theirs tries it.
    await expect(scene.join(from('192.0.2.1'))).rejects.toThrow('relay_full');
    await expect(scene.join(from('192.0.2.3'))).rejects.toThrow('relay_full');
    expect(await scene.metric('skein_relay_nodes')).toBe(5);
    // Coming back needs no place.
    const identity = newIdentity();
    for (let n = 0; n < 2; n++) await scene.join({ ...from('192.0.2.4'), identity });
    expect(await scene.metric('skein_relay_nodes')).toBe(5);
  });

  test('[R3] counts the networks as one that one customer may have: many small ones keep out nobody', async () => {
    scene = await Scene.open({ trustProxy: true, quotas: { nodes: 3 } });
    for (const network of [1, 2, 3]) await scene.join(from(`2001:db8:7:${network}::1`));
    await scene.join(from('192.0.2.3'));
    await expect(scene.join(from('2001:db8:7:4::1'))).rejects.toThrow('relay_full');
  });

  test('[R3] turns out none that its keeper has let in, and its guests for those', async () => {
    const admission = { token: 'a-token-of-the-keeper', guests: true };
    scene = await Scene.open({ trustProxy: true, quotas: { nodes: 3 }, admission });
    const ours = { ...from('192.0.2.1'), admission: admission.token };
    await scene.join(ours);
    await scene.join(ours);
    const guest = await scene.join({ ...from('192.0.2.2'), listen: false });
    await expect(scene.join({ ...from('192.0.2.3'), listen: false })).rejects.toThrow('relay_full');
    await scene.join(ours);
    expect(await refusal(guest)).toBe('relay_full');
    await expect(scene.join(ours)).rejects.toThrow('relay_full');
    expect(await scene.metric('skein_relay_nodes')).toBe(3);
  });
});
