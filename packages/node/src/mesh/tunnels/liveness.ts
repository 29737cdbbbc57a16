/**
 * When a link is asked whether it lives, suspected, and given up (rule C4). Counted in beats rather than by the clock, so
 * that a process that was stopped, or busy, does not take its own absence for the peer's. Pure.
 */
import { DEAD_MS, PING_MS } from '@skein/protocol/limits';

/** Milliseconds of one beat. */
export const BEAT_MS = 250;

/** Beats of silence after which a link that was sent something is asked at once, not only when its time has come. */
const UNEASY = 500 / BEAT_MS;
/** Beats that an answer may take before another path is tried beside this one; and round trips, where those are longer. */
const SUSPECT = 1_000 / BEAT_MS;
const SUSPECT_TRIPS = 3;
const PING = PING_MS / BEAT_MS;
const DEAD = DEAD_MS / BEAT_MS;

type Verdict = 'well' | 'ask' | 'dead';

export class Liveness {
  #silent = 0;
  #sinceAsked = 0;
  #unanswered = false;
  #sent = false;
  #patience = SUSPECT;

  /** Asked, and not answered yet as soon as it mostly is. */
  get uneasy(): boolean {
    return this.#unanswered && this.#silent > UNEASY;
  }

  /** Whether another path is wanted beside this one. */
  get suspect(): boolean {
    return this.#unanswered && this.#sinceAsked >= this.#patience && this.#silent >= this.#patience;
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
    else this.#sinceAsked = Math.min(this.#sinceAsked, this.#patience);
    this.#unanswered = true;
  }

  /** A ping took so many milliseconds. */
  measured(rtt: number): void {
    this.#patience = Math.min(DEAD - 1, Math.max(SUSPECT, Math.ceil((SUSPECT_TRIPS * rtt) / BEAT_MS)));
  }

  /** One beat: whether to ask now, or to give up. */
  beat(): Verdict {
    this.#silent++;
    this.#sinceAsked++;
    if (this.#silent >= DEAD) return 'dead';
    const uneasy = this.#sent && this.#silent >= UNEASY && !this.#unanswered;
    const due = this.#sinceAsked >= (this.suspect ? this.#patience + SUSPECT : PING);
    return uneasy || due ? 'ask' : 'well';
  }
}
