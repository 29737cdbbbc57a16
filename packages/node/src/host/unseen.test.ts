/** A program of whose output the emulator makes no end: its screen is set aside, and all others are shown (rules H1, H5). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestHost } from './fixture.ts';

/** The emulator's thread, which goes round for ever at a word of a program's. */
const url = (file: string) => JSON.stringify(new URL(`../terminal/${file}`, import.meta.url).href);
const SOURCE = `void (async () => {
  const { Screen } = await import(${url('screen/screen.ts')});
  const { write } = Screen.prototype;
  Screen.prototype.write = function (bytes) {
    while (Buffer.from(bytes).includes('for ever'));
    write.call(this, bytes);
  };
  await import(${url('emulator/emulator-worker.ts')});
})();`;

let host: TestHost;
beforeEach(async () => {
  host = await TestHost.start({ source: SOURCE, lookEvery: 100 });
});
afterEach(() => host.stop());

const screen = async (run: string) =>
  (await host.control.request('screen', { run, form: 'text', history: 0 })).data;
const shows = (run: string, text: string) =>
  vi.waitFor(async () => expect(await screen(run)).toContain(text), { timeout: 20_000, interval: 50 });

test('[H1] a screen of which the emulator makes no end is set aside and says so; the others are shown, and ends are told', async () => {
  const good = await host.run(['sh', '-c', 'echo good one; exec cat']);
  const rendered = await host.view(good, { cols: 40, rows: 10 });
  await rendered.until(() => rendered.shows('good one'));
  const bad = await host.run(['sh', '-c', 'echo for ever; exec cat']);
  await shows(bad, 'Skein shows no screen of this program');
  await vi.waitFor(() => expect(host.events).toContainEqual({ type: 'unseen', run: bad }));
  await shows(good, 'good one');
  // Whoever comes to it is told, whatever the size of his terminal; what it prints goes through as ever.
  const viewers = [await host.view(bad), await host.view(bad, { cols: 40, rows: 10 }, 'read')];
  for (const viewer of viewers) await viewer.until(() => viewer.shows('shows no screen'));
  const [same] = viewers;
  same?.type('typed\n', 0);
  await same?.until(() => same.shows('typed'));
  const next = await host.run(['sh', '-c', 'echo next; exit 3']);
  expect(await host.exited(next)).toMatchObject({ code: 3 });
  await host.control.request('signal', { run: bad, signal: 'SIGKILL' });
  await host.exited(bad);
}, 60_000);

test('[H7] what was answered once is not answered again when the screens of others begin anew', async () => {
  // Asks where its cursor is, and shows what it is told.
  const asks = await host.run(['sh', '-c', 'stty raw -echo; printf "asks\\033[6n"; exec cat -v']);
  await shows(asks, 'asks^[[1;5R');
  const bad = await host.run(['sh', '-c', 'echo for ever; exec cat']);
  await shows(bad, 'Skein shows no screen of this program');
  // It is asked anew, and told once.
  const viewer = await host.view(asks, {}, 'write');
  await viewer.until(() => viewer.shows('asks^[[1;5R'));
  viewer.type('typed', 0);
  await shows(asks, 'typed');
  expect((await screen(asks)).trim()).toBe('asks^[[1;5Rtyped');
}, 60_000);
