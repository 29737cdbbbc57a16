/** Viewers whose terminal the host serves itself (rules H1, H3, H5, H6, H8), on terminals of node-pty. */
import fs from 'node:fs';
import { unpack } from '@skein/protocol/codec';
import {
  FrameReader,
  frame,
  HOST_VERSIONS,
  HostFrame,
  type NearTerminalPlace,
  type ViewerWelcome,
} from '@skein/protocol/host/frames';
import { DEFAULT_DETACH, parseDetach } from '@skein/protocol/text/detach-keys';
import fc from 'fast-check';
import { type IPty, spawn } from 'node-pty';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TerminalLane } from '../gateway/terminal-lane.ts';
import { LEAVE } from '../terminal/reset.ts';
import { TestHost, type TestViewer, Watched } from './fixture.ts';

const NOTHING = new Uint8Array(0);
const LEAVE_KEYS = '\x1cd';

/** A terminal that somebody sits at, and what it shows them. */
class Sitting extends Watched {
  readonly #pty: IPty;
  shown = '';
  /** Bytes shown, whether they are kept or not. */
  size = 0;
  collect = true;

  private constructor(cols: number, rows: number) {
    super();
    const program = 'stty raw -echo; tty; exec sleep 1000';
    this.#pty = spawn('sh', ['-c', program], { cols, rows, encoding: null });
    this.#pty.onData((data) => {
      this.size += data.length;
      if (this.collect) this.shown += data.toString('latin1');
      this.woken();
    });
  }

  static async down(cols = 80, rows = 24): Promise<Sitting> {
    const sitting = new Sitting(cols, rows);
    await sitting.until(() => /pts\/\d+\s/.test(sitting.shown));
    return sitting;
  }

  get place(): NearTerminalPlace {
    const path = /\/dev\/pts\/\d+/.exec(this.shown)?.[0] ?? '';
    const { dev, ino, rdev } = fs.statSync(path);
    return { path, dev, ino, rdev, detach: parseDetach(DEFAULT_DETACH) };
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  up(): void {
    this.#pty.kill('SIGKILL');
  }
}

let host: TestHost;
let sittings: Sitting[];

beforeEach(async () => {
  host = await TestHost.start();
  sittings = [];
});
afterEach(async () => {
  await host.stop();
  for (const sitting of sittings) sitting.up();
});

async function sit(cols?: number, rows?: number): Promise<Sitting> {
  const sitting = await Sitting.down(cols, rows);
  sittings.push(sitting);
  return sitting;
}

/** A viewer that has offered its terminal and stopped reading it. */
async function viewFrom(run: string, sitting: Sitting, size: object = {}): Promise<TestViewer> {
  const viewer = await host.view(run, { terminal: sitting.place, ...size });
  if (viewer.welcome?.terminal === true) viewer.send(frame(HostFrame.TAKE, NOTHING));
  return viewer;
}

describe('a terminal that the host serves itself', () => {
  test('[H8] is painted and written to, and its keys are read, with nothing of it on the connection', async () => {
    const run = await host.run(['sh', '-c', 'echo before; exec cat']);
    const sitting = await sit();
    const viewer = await viewFrom(run, sitting);
    expect(viewer.welcome?.terminal).toBe(true);
    await sitting.until(() => sitting.shown.includes('before'));
    sitting.type('a key\r');
    await sitting.until(() => sitting.shown.includes('a key\r\na key\r\n'));
    expect(viewer.output).toBe('');
    expect(viewer.screens[0]?.data.length).toBe(0);
    expect(viewer.accepted).toBe(0);
  });

  test('[H8] is not read before its own process has stopped, so that no key overtakes another', async () => {
    const run = await host.run(['cat']);
    const sitting = await sit();
    const viewer = await host.view(run, { terminal: sitting.place });
    sitting.type('second\r');
    viewer.type('first\r', 0);
    await viewer.until(() => viewer.accepted === 6);
    viewer.send(frame(HostFrame.TAKE, NOTHING));
    // The echo of each, and what cat says of it.
    await sitting.until(() => sitting.shown.split('second').length === 3);
    expect(sitting.shown.match(/first|second/g)?.slice(0, 1)).toEqual(['first']);
    expect(sitting.shown.split('first').length).toBe(3);
  });

  test('[H8] tells of the keys that leave, which the program never gets, and is given back for good', async () => {
    const run = await host.run([
      'sh',
      '-c',
      'stty raw -echo; echo ready; dd bs=1 count=4 2>/dev/null; while :; do echo on; sleep 0.01; done',
    ]);
    const sitting = await sit();
    const viewer = await viewFrom(run, sitting);
    await sitting.until(() => sitting.shown.includes('ready'));
    sitting.type(`abc${LEAVE_KEYS}`);
    await viewer.until(() => viewer.leaves === 1);
    await sitting.until(() => sitting.shown.endsWith('abc'));
    viewer.send(frame(HostFrame.RELEASE, NOTHING));
    await viewer.until(() => viewer.closed);
    const { size } = sitting;
    const other = await host.view(run);
    other.type('d', 0);
    await other.until(() => other.output.includes('on'));
    expect(sitting.size).toBe(size);
  });

  test('[H8] is neither written to nor read for a viewer that left before it had let go of it', async () => {
    const run = await host.run(['sh', '-c', 'echo before; exec cat']);
    const sitting = await sit();
    const { size } = sitting;
    const viewer = await host.view(run, { terminal: sitting.place });
    expect(viewer.welcome?.terminal).toBe(true);
    const other = await host.view(run);
    await other.until(() => other.screens.length > 0);
    other.type('hello\r', 0);
    await other.until(() => other.output.split('hello').length === 3);
    viewer.close();
    other.type('more\r', 6);
    await other.until(() => other.output.split('more').length === 3);
    expect(sitting.size).toBe(size);
  });

  test('[H8] is left clean where its viewer is gone without a word, and to its viewer where that asks for it', async () => {
    const run = await host.run(['sh', '-c', "printf '\\033[?1003hshown'; exec cat"]);
    for (const [said, times] of [
      [frame(HostFrame.RELEASE, NOTHING), 1],
      [undefined, 2],
    ] as const) {
      const sitting = await sit();
      const viewer = await viewFrom(run, sitting);
      await sitting.until(() => sitting.shown.includes('shown'));
      if (said === undefined) viewer.close();
      else viewer.send(said);
      await viewer.until(() => viewer.closed);
      if (said === undefined) await sitting.until(() => sitting.shown.endsWith(LEAVE));
      expect(sitting.shown.split(LEAVE)).toHaveLength(times);
    }
  });

  test('[H8] has all that was printed before the end is told', async () => {
    const run = await host.run(['sh', '-c', 'read x; seq 1 50000; exit 3']);
    const sitting = await sit();
    const viewer = await viewFrom(run, sitting);
    await viewer.until(() => viewer.screens.length > 0);
    sitting.type('\r');
    await viewer.until(() => viewer.closed);
    expect(viewer.exit?.code).toBe(3);
    await sitting.until(() => sitting.shown.includes('\n50000\r\n'));
    const numbers = sitting.shown.match(/^\d+(?=\r$)/gm) ?? [];
    expect(numbers).toEqual(Array.from({ length: 50_000 }, (_, i) => String(i + 1)));
  });

  test("[H6][H8] gets frames where its size is another than the program's", async () => {
    const run = await host.run(['sh', '-c', 'echo first; read x; echo second; exec cat']);
    const typist = await host.view(run);
    typist.type('x', 0);
    const sitting = await sit(40, 10);
    const viewer = await viewFrom(run, sitting, { cols: 40, rows: 10 });
    await viewer.until(() => viewer.screens.some(({ mode }) => mode === 'frames'));
    await sitting.until(() => sitting.shown.includes('first'));
    typist.type('\r', 1);
    await sitting.until(() => sitting.shown.includes('second'));
    expect(viewer.frames).toBe(0);
  });

  test('[H5][H8] that takes nothing holds the program back for a moment, and shows the present screen when it does', async () => {
    const run = await host.run(['sh', '-c', 'read x; seq 1 2000000; echo the-end; exec cat']);
    const sitting = await sit();
    const viewer = await viewFrom(run, sitting);
    await viewer.until(() => viewer.screens.length > 0);
    sitting.collect = false;
    sitting.pause();
    sitting.type('\r');
    const watcher = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    watcher.collect = false;
    let last = '';
    watcher.heard = (_, bytes) => {
      last = (last + Buffer.from(bytes).toString('latin1')).slice(-100);
    };
    await watcher.until(() => last.includes('the-end'));
    sitting.collect = true;
    sitting.resume();
    await sitting.until(() => sitting.shown.includes('the-end'));
    expect(sitting.size).toBeLessThan(14_000_000);
  });

  test('[C2] [H8] that takes nothing is kept no more for, however often the size changes', async () => {
    const size = { cols: 300, rows: 100 };
    // Each cell of another colour: half a mebibyte to paint.
    const cell = 'printf "\\033[38;2;%d;%d;%dm%c",r,c%256,(r*c)%256,65+c%26';
    const picture = `BEGIN{for(r=0;r<99;r++){for(c=0;c<299;c++)${cell};print ""}}`;
    const run = await host.run(['sh', '-c', `awk '${picture}'; exec cat`], size);
    const sitting = await sit(300, 100);
    const viewer = await viewFrom(run, sitting, size);
    const look = () => host.control.request('screen', { run, form: 'text', history: 0 });
    await vi.waitFor(async () => expect((await look()).data.split('\n').length).toBeGreaterThan(98), 10_000);
    await viewer.until(() => viewer.screens.length > 0);
    sitting.pause();
    const before = sitting.size;
    for (let times = 0; times < 8; times++) {
      for (const cols of [299, 300]) {
        await host.control.request('resize', { run, ...size, cols });
        await look();
      }
    }
    sitting.resume();
    const other = await host.view(run, size);
    other.type('the end\r', 0);
    await sitting.until(() => sitting.shown.includes('the end'));
    expect(sitting.size - before).toBeLessThan(2.5 * 1024 * 1024);
  }, 60_000);

  test('[H8] that hangs up ends its viewer, and nobody else', async () => {
    const run = await host.run(['cat']);
    const sitting = await sit();
    const viewer = await viewFrom(run, sitting);
    const other = await host.view(run);
    await viewer.until(() => viewer.screens.length > 0);
    sitting.up();
    await viewer.until(() => viewer.closed);
    other.type('still here\r', 0);
    await other.until(() => other.shows('still here\r\nstill here'));
  });
});

describe('a terminal that the host does not open', () => {
  const refused: [string, (place: NearTerminalPlace) => NearTerminalPlace][] = [
    ['has another inode', (place) => ({ ...place, ino: place.ino + 1 })],
    ['is of another file system', (place) => ({ ...place, dev: place.dev + 1 })],
    ['is another device', (place) => ({ ...place, rdev: place.rdev + 1 })],
    ['is not there', (place) => ({ ...place, path: '/dev/pts/99999' })],
    ['is none', (place) => ({ ...place, path: '/dev/null' })],
  ];
  test.each(refused)('[H8] %s: its viewer is served by its connection', async (_, change) => {
    const run = await host.run(['cat']);
    const sitting = await sit();
    const before = sitting.size;
    const viewer = await host.view(run, { terminal: change(sitting.place) });
    expect(viewer.welcome?.terminal).toBeUndefined();
    await viewer.until(() => viewer.screens.length > 0);
    viewer.type('hello\r', 0);
    await viewer.until(() => viewer.shows('hello\r\nhello'));
    expect(sitting.size).toBe(before);
  });

  test('[H8] whatever path is given', async () => {
    const run = await host.run(['cat']);
    const sitting = await sit();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ maxLength: 64 }),
          fc.constantFrom('/dev/tty', '/dev/ptmx', '/dev/pts/../null', '/dev/pts/ptmx'),
        ),
        async (path) => {
          const viewer = await host.view(run, { terminal: { ...sitting.place, path } });
          expect(viewer.welcome?.terminal).toBeUndefined();
          viewer.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test('[H1][H8] is that of one who may only read, or asks for bytes', async () => {
    const run = await host.run(['cat']);
    const sitting = await sit();
    const { place } = sitting;
    expect((await host.view(run, { terminal: place }, 'read')).welcome?.terminal).toBeUndefined();
    expect((await host.view(run, { terminal: place, view: 'bytes' })).welcome?.terminal).toBeUndefined();
  });

  test('[H8][M3] is that of one at the other end of a lane, whatever its hello says', async () => {
    const run = await host.run(['cat']);
    const sitting = await sit();
    const before = sitting.size;
    const hello = { versions: HOST_VERSIONS, view: 'screen', cols: 80, rows: 24, terminal: sitting.place };
    const reader = new FrameReader();
    const welcome = await new Promise<ViewerWelcome>((resolve, reject) => {
      const source = host
        .token(run)
        .then((token) => ({ kind: 'host' as const, socket: host.socket, token, hello }));
      const lane = new TerminalLane(source, 1_000_000, {
        lane: 1,
        send: (said) => {
          if (said.t !== 'data') return true;
          reader.push(said.bytes, (type, payload) => {
            if (type !== HostFrame.WELCOME) return;
            lane.close();
            resolve(unpack(payload) as ViewerWelcome);
          });
          return true;
        },
        end: (error) => reject(error ?? new Error('It ended.')),
      });
      lane.start();
    });
    expect(welcome.terminal).toBeUndefined();
    expect(sitting.size).toBe(before);
  });
});
