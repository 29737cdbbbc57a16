/** What actors keep of commands that were answered, and of targets that came to nothing: no place and no memory (K3). */
import { afterEach, expect, test } from 'vitest';
import { add, cleanUp, openKernel, tempDir } from '../counter.fixture.ts';

afterEach(cleanUp);

test('[K3] an internal command that is refused leaves nothing waiting, and no actor of what does not exist', async () => {
  const kernel = await openKernel(tempDir());
  await add(kernel, 1, 1);
  expect(kernel.stats()).toMatchObject({ pending: 0, actors: 1 });
  for (const target of ['counter/a', 'counter/none', 'counter/nor-this']) {
    const refused = await kernel.submit(null, { target, type: 'refuse', body: null });
    expect(refused).toMatchObject({ ok: false, error: { code: 'not_allowed' } });
    const failed = await kernel.submit(null, { target, type: 'crash', body: null });
    expect(failed).toMatchObject({ ok: false, error: { code: 'internal' } });
  }
  expect(kernel.stats()).toMatchObject({ pending: 0, actors: 1 });
  const many = Array.from({ length: 50 }, () =>
    kernel.submit(null, { target: 'counter/a', type: 'refuse', body: null }),
  );
  await Promise.all([...many, add(kernel, 2, 1)]);
  expect(kernel.stats()).toMatchObject({ pending: 0, actors: 1 });
  expect(await add(kernel, 3, 1)).toMatchObject({ ok: true, value: 3 });
});
