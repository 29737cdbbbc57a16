/** An attachment across cuts (rules H3, M2, M4), with a terminal and a host that are played. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { FrameReader, frame, HostFrame, offsetFrame, readOffset } from '@skein/protocol/host/frames';
import { pack } from '@skein/protocol/light-codec';
import { DEFAULT_DETACH, parseDetach } from '@skein/protocol/text/detach-keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Attachment, type Outcome } from './attachment.ts';
import { TerminalOut } from './terminal-out.ts';
import type { OpenViewer } from './viewer-stream.ts';

let nowhere: number;

beforeAll(() => {
  nowhere = fs.openSync('/dev/null', 'w');
});
afterAll(() => fs.closeSync(nowhere));

/** A user who types into an attachment, and the host at the other end of it. */
class Played {
  /** What the status line was last told, and how often nothing came of what was typed. */
  kept = 0;
  refused = false;
  inVain = 0;
  /** What the host has taken, over all connections. */
  taken = '';
  readonly attachment = new Attachment({
    ...{ name: 'a', label: '', here: false, detach: parseDetach(DEFAULT_DETACH) },
    typedWhileCut: (kept, refused) => Object.assign(this, { kept, refused }),
    typedInVain: () => {
      this.inVain++;
    },
  });
  /** Whether anything reaches the host. */
  #hears = true;
  #accepted = 0;
  #data: (bytes: Uint8Array) => void = () => {};
  #cut: (error: SkeinError) => void = () => {};

  /** A connection; without `welcome` the host does not answer. */
  connect(welcome = true): Promise<Outcome> {
    const reader = new FrameReader();
    const open: OpenViewer = (_, { data, closed }) => {
      this.#data = data;
      this.#cut = closed;
      const write = (bytes: Uint8Array) =>
        reader.push(bytes, (type, payload) => {
          if (type === HostFrame.INPUT) this.#input(payload);
        });
      const nothing = () => {};
      return { write, pending: 0, pause: nothing, resume: nothing, end: nothing, destroy: nothing };
    };
    const out = new TerminalOut(nowhere);
    const size = { cols: 80, rows: 24 };
    const none = () => undefined;
    const terminal = { out, size, place: none, pause: none, resume: none, showPlainly: none };
    const outcome = this.attachment.run(terminal, open);
    if (welcome) this.#data(frame(HostFrame.WELCOME, pack({ accepted: this.#accepted })));
    if (welcome) this.#tell();
    return outcome;
  }

  type(text: string): void {
    this.attachment.input(Buffer.from(text));
    if (this.#hears) this.#tell();
  }

  /** From here on nothing reaches the host: the connection is cut, and nobody has noticed. */
  silent(): void {
    this.#hears = false;
  }

  /** The cut is noticed. */
  cut(): void {
    this.#hears = true;
    this.#cut(new SkeinError('node_unreachable', 'cut'));
  }

  #input(payload: Uint8Array): void {
    if (!this.#hears) return;
    const { offset, bytes } = readOffset(payload) ?? { offset: Number.NaN, bytes: payload };
    expect(offset).toBeLessThanOrEqual(this.#accepted);
    const fresh = bytes.subarray(this.#accepted - offset);
    this.taken += Buffer.from(fresh).toString();
    this.#accepted += fresh.length;
  }

  #tell(): void {
    this.#data(offsetFrame(HostFrame.ACCEPTED, this.#accepted));
  }
}

describe('an attachment that was cut', () => {
  test('[M4] after a refusal nothing is kept until the connection is back, whatever would fit', async () => {
    const user = new Played();
    const first = user.connect();
    user.cut();
    expect(await first).toMatchObject({ kind: 'lost' });
    user.type('one\r');
    user.type('P'.repeat(4095));
    expect(user).toMatchObject({ kept: 4, refused: true });
    user.type('P'.repeat(905));
    // A try that fails before the host has answered is no connection.
    const vain = user.connect(false);
    user.cut();
    await vain;
    user.type('two\r');
    expect(user).toMatchObject({ kept: 4, refused: true });
    void user.connect();
    expect(user.taken).toBe('one\r');
    user.type('three\r');
    expect(user.taken).toBe('one\rthree\r');
  });

  test('[M2] a role that was lowered meanwhile: what was typed is not sent, and one looks on', async () => {
    const user = new Played();
    const first = user.connect();
    user.type('before\r');
    user.cut();
    await first;
    user.type('blindly\r');
    user.attachment.readOnly = true;
    void user.connect();
    expect(user).toMatchObject({ taken: 'before\r', inVain: 1 });
    // With the role back, what is typed goes on where the host is.
    user.cut();
    user.attachment.readOnly = false;
    void user.connect();
    user.type('after\r');
    expect(user).toMatchObject({ taken: 'before\rafter\r', inVain: 1 });
  });

  test('[M4] what was typed before the cut was noticed waits like what is typed after it', async () => {
    const user = new Played();
    const first = user.connect();
    user.type('taken\r');
    user.silent();
    user.type('before\r');
    user.cut();
    await first;
    expect(user.attachment.waiting).toBe(7);
    user.type('after\r');
    expect(user).toMatchObject({ kept: 13, refused: false, taken: 'taken\r' });
    void user.connect();
    expect(user.taken).toBe('taken\rbefore\rafter\r');
    expect(user.attachment.waiting).toBe(0);
  });
});
