/**
 * When a link is asked whether it lives, suspected, and given up (rule C4). Counted in beats rather than by the clock, so
 * that a process that was stopped, or busy, does not take its own absence for the peer's.
 */
import { DEAD_MS, PING_MS } from '@skein/protocol/limits';

/** Milliseconds of one beat. */
export const BEAT_MS = 500;

/** Beats after which a link that was sent something and said nothing is asked at once, not only when its time has come. */
const UNEASY = 2;
/** Beats that an answer may take before another path is tried beside this one. */
const SUSPECT = 3;
const PING = PING_MS / BEAT_MS;
const DEAD = DEAD_MS / BEAT_MS;

export type Verdict = 'well' | 'ask' | 'dead';

export class Liveness {
  #silent = 0;
  #sinceAsked = 0;
  #unanswered = false;
  #sent = false;

  /** Whether another path is wanted beside this one. */
  get suspect(): boolean {
    return this.#unanswered && this.#sinceAsked >= SUSPECT && this.#silent >= SUSPECT;
  }

  /** Anything at all came. */
  heard(): void {
    this.#silent = 0;
    this.#sent = false;
    this.#unanswered = false;
  }

  /** Something was sent that calls for a sign of life. */
  sent(): void {
    this.#sent = true;
  }

  /** A ping was sent. A second one does not make the first any younger. */
  asked(): void {
    if (!this.#unanswered) this.#sinceAsked = 0;
    else this.#sinceAsked = Math.min(this.#sinceAsked, SUSPECT);
    this.#unanswered = true;
  }

  /** One beat: whether to ask now, or to give up. */
  beat(): Verdict {
    this.#silent++;
    this.#sinceAsked++;
    if (this.#silent >= DEAD) return 'dead';
    const uneasy = this.#sent && this.#silent > UNEASY && !this.#unanswered;
    return uneasy || this.#sinceAsked >= PING ? 'ask' : 'well';
  }
}
