/**
 * What a link sends, and in which order (rule C2): answers first, since they are small and others wait for them; then the
 * tunnels' pieces, each tunnel in its turn, and no more than the stream takes.
 */
import { SkeinError } from '@skein/protocol/errors';
import { DATA_HEADER, encodeFrame, type TunnelFrame, writeData } from './frames.ts';
import { BATCH_MAX, CREDIT_MS, PIECE_MAX } from './limits.ts';
import type { Piece, Tunnel } from './tunnel.ts';

/** Bytes of answers that may wait for a peer that does not read them: it asks, and does not listen. */
const ANSWERS_MAX = 256 * 1024;

export interface OutboxStream {
  writable(): boolean;
  send(bytes: Uint8Array): void;
}

export class Outbox {
  readonly #stream: OutboxStream;
  readonly #events: { sentData(): void; failed(error: SkeinError): void };
  /** Those that may have something to send, in the order of their turns. */
  readonly #ready = new Set<Tunnel>();
  readonly #owing = new Set<Tunnel>();
  #answers: Uint8Array[] = [];
  #answersSize = 0;
  #creditTimer: NodeJS.Timeout | undefined;
  #planned = false;
  #stopped = false;
  bytes = 0;

  constructor(stream: OutboxStream, events: { sentData(): void; failed(error: SkeinError): void }) {
    this.#stream = stream;
    this.#events = events;
  }

  /** Any frame but DATA. */
  answer(frame: Exclude<TunnelFrame, { type: 'data' }>): void {
    this.#queue(frame);
    this.#soon();
  }

  /** A tunnel has something to send, or may again. */
  wake(tunnel: Tunnel): void {
    this.#ready.add(tunnel);
    this.#soon();
  }

  /** A tunnel owes credit: sent now, or after CREDIT_MS with what others owe by then. */
  owes(tunnel: Tunnel, now: boolean): void {
    this.#owing.add(tunnel);
    if (now) {
      this.#queueCredits();
      this.#soon();
    } else if (!this.#stopped) this.#creditTimer ??= setTimeout(this.#onCreditTimer, CREDIT_MS);
  }

  forget(tunnel: Tunnel): void {
    this.#ready.delete(tunnel);
    this.#owing.delete(tunnel);
  }

  /** A last frame, whatever the stream's state; nothing is sent after it. */
  last(frame: Exclude<TunnelFrame, { type: 'data' }>): void {
    if (this.#stopped) return;
    this.#queue(frame);
    this.#hand(Buffer.concat(this.#answers, this.#answersSize));
    this.stop();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#creditTimer);
    this.#answers = [];
  }

  /** Sends what the stream takes. */
  pump(): void {
    this.#planned = false;
    while (!this.#stopped && this.#stream.writable()) if (!this.#sendBatch()) return;
  }

  readonly #onCreditTimer = (): void => {
    this.#queueCredits();
    this.#soon();
  };

  /** At the end of what is being done now, so that what is sent together travels together. */
  #soon(): void {
    if (this.#planned || this.#stopped) return;
    this.#planned = true;
    queueMicrotask(() => this.pump());
  }

  #queue(frame: Exclude<TunnelFrame, { type: 'data' }>): void {
    if (this.#stopped) return;
    const bytes = encodeFrame(frame);
    this.#answers.push(bytes);
    this.#answersSize += bytes.length;
    if (this.#answersSize > ANSWERS_MAX)
      this.#events.failed(new SkeinError('quota_exceeded', 'A peer asks for answers that it does not read.'));
  }

  #queueCredits(): void {
    clearTimeout(this.#creditTimer);
    this.#creditTimer = undefined;
    for (const tunnel of this.#owing) {
      const bytes = tunnel.takeOwed();
      if (bytes > 0) this.#queue({ type: 'credit', tunnel: tunnel.number, bytes });
    }
    this.#owing.clear();
  }

  /**
   * One batch: the answers, then pieces; false when there is nothing to send. One copy, and one buffer for the cipher,
   * whatever the number of parts; the owners' buffers are free again.
   */
  #sendBatch(): boolean {
    const answers = this.#answers;
    const room = Math.max(0, BATCH_MAX - this.#answersSize);
    const pieces = this.#pieces(room);
    const data = pieces.reduce((sum, [, { bytes }]) => sum + DATA_HEADER + bytes.length, 0);
    if (answers.length === 0 && pieces.length === 0) return false;
    const batch = Buffer.allocUnsafeSlow(this.#answersSize + data);
    let at = 0;
    for (const answer of answers) {
      batch.set(answer, at);
      at += answer.length;
    }
    this.#answers = [];
    this.#answersSize = 0;
    for (const [tunnel, { bytes, last }] of pieces) at = writeData(batch, at, tunnel.number, bytes, last);
    this.#hand(batch);
    if (data > 0) this.#events.sentData();
    for (const [tunnel, { sent, last }] of pieces) {
      sent?.();
      if (last) tunnel.emptied();
    }
    return true;
  }

  /** As many pieces as there is room for, each tunnel in its turn. */
  #pieces(space: number): [Tunnel, Piece][] {
    const pieces: [Tunnel, Piece][] = [];
    let room = space;
    for (const tunnel of [...this.#ready]) {
      this.#ready.delete(tunnel);
      let turn = PIECE_MAX;
      while (turn > 0 && room > DATA_HEADER) {
        const piece = tunnel.next(Math.min(turn, room - DATA_HEADER));
        if (piece === undefined) break;
        pieces.push([tunnel, piece]);
        turn -= DATA_HEADER + piece.bytes.length;
        room -= DATA_HEADER + piece.bytes.length;
      }
      // Behind the others. One without credit comes back when it is given some.
      if (tunnel.mayMore) this.#ready.add(tunnel);
      if (room < BATCH_MAX / 2) break;
    }
    return pieces;
  }

  #hand(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#stream.send(bytes);
  }
}
