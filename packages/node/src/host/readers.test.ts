/** A host that drains and has nothing left but somebody who reads (rule H1). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestHost } from './fixture.ts';

const PRINTED = 8_000_000;

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start();
});
afterEach(() => host.stop());

test('[H1] [C2] a draining host stays until what its last program printed is read', async () => {
  const done = vi.fn();
  host.done = done;
  const run = await host.run(['sh', '-c', `read x; head -c ${PRINTED} /dev/zero | tr "\\0" z`]);
  const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
  const typist = await host.view(run);
  await host.control.request('drain', {});
  reader.pause();
  typist.type('\n', 0);
  await host.exited(run);
  await host.control.request('reap', { run });
  expect(done).not.toHaveBeenCalled();
  reader.resume();
  await reader.until(() => reader.closed);
  expect(reader.next).toBeGreaterThanOrEqual(PRINTED);
  expect(reader.exit).toBeDefined();
  typist.close();
  await vi.waitFor(() => expect(done).toHaveBeenCalled(), 10_000);
});
