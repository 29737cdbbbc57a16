/** A chat on a terminal, from its first frame to the terminal as it was. */

import { SkeinError } from '@skein/protocol/errors';
import { Actions } from './actions.ts';
import { Calls } from './calls.ts';
import { Feed } from './feed.ts';
import { KeyDecoder, type KeyEvent } from './input/decode.ts';
import { onKey } from './keys.ts';
import { type Link, peopleOf, waitingElsewhere } from './link.ts';
import { SessionModel } from './model/session-model.ts';
import type { SlashDoing } from './slash.ts';
import { ChatState } from './state.ts';
import { submit } from './submit.ts';
import { App } from './view/app.tsx';
import { toClipboard } from './view/clipboard.ts';
import { type FrameView, frameOf, transcriptHeight } from './view/frame.ts';
import { InkScreen } from './view/ink-screen.tsx';
import { type Frame, paint } from './view/painter.ts';
import { ChatTerminal } from './view/terminal.ts';

/** Milliseconds between two frames, now and while much is read, and after which a lone escape was the key. */
const FRAME_MS = 33;
const LOADING_MS = 200;
const ESCAPE_MS = 40;
/** Milliseconds between looks at who is there. */
const PEOPLE_MS = 5_000;

export class ChatScreen {
  readonly #link: Link;
  readonly #state: ChatState;
  readonly #ink: InkScreen<FrameView>;
  readonly #terminal: ChatTerminal;
  readonly #keys = new KeyDecoder();
  readonly #feed: Feed;
  readonly #doing: SlashDoing;
  readonly #timers = new Set<NodeJS.Timeout>();
  #frame: Frame | undefined;
  #drawn = Number.NEGATIVE_INFINITY;
  #due: NodeJS.Timeout | undefined;
  #escape: NodeJS.Timeout | undefined;
  #focused = true;
  readonly #calls = new Calls();
  #over: ((status: number) => void) | undefined;
  #failed: unknown;
  #suspending = false;

  constructor(link: Link, colours: boolean) {
    this.#link = link;
    const { id, you } = link.session;
    this.#state = new ChatState(new SessionModel(id, you, link.session));
    this.#state.presence = { role: you.role, people: [], elsewhere: 0 };
    if (link.agent !== undefined) this.#state.focus(link.agent);
    this.#ink = new InkScreen(App, colours);
    this.#terminal = new ChatTerminal({
      input: (bytes) => this.#input(this.#keys.push(bytes)),
      resized: () => this.#resized(),
      gone: () => this.end(129),
    });
    this.#doing = this.#doings(new Actions(link.client, id));
    this.#feed = new Feed(link.client, `session/${id}`, {
      event: (event, offset) => this.#state.model.apply(event, offset),
      page: (at, of) => {
        if (this.#state.loading !== undefined) this.#state.loading = { at, of };
        this.#changed();
      },
      live: () => {
        if (this.#state.loading !== undefined) this.#loaded();
        this.#changed();
      },
      startOver: () => this.#state.startOver(new SessionModel(id, you, link.session)),
    });
  }

  /** Resolves with the exit status when its user leaves; throws what ended it otherwise. */
  async run(): Promise<number> {
    const over = new Promise<number>((resolve) => {
      this.#over = resolve;
    });
    this.#state.size = this.#terminal.size;
    const signals = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const;
    const stops = Object.entries(signals).map(([signal, status]) => {
      const stop = () => this.end(status);
      process.on(signal, stop);
      return () => process.off(signal, stop);
    });
    this.#terminal.enter();
    this.#draw();
    this.#feed.run().catch((error) => {
      this.#failed = error;
      this.end(1);
    });
    this.#every(1_000, () => this.#tick());
    this.#every(PEOPLE_MS, () => void this.#look());
    void this.#look();
    try {
      const status = await over;
      if (this.#failed !== undefined) throw this.#failed;
      return status;
    } finally {
      for (const stop of stops) stop();
      this.#feed.stop();
      for (const timer of this.#timers) clearInterval(timer);
      clearTimeout(this.#due);
      clearTimeout(this.#escape);
      this.#ink.stop();
      await this.#terminal.stop();
      this.#link.client.close();
    }
  }

  end(status: number): void {
    this.#over?.(status);
  }

  connection(state: 'lost' | 'back'): void {
    this.#state.cutSince = state === 'lost' ? performance.now() : undefined;
    this.#schedule();
    if (state === 'back') void this.#look();
  }

  #every(ms: number, call: () => void): void {
    this.#timers.add(setInterval(call, ms));
  }

  #input(events: readonly KeyEvent[]): void {
    clearTimeout(this.#escape);
    for (const event of events) {
      if (event.type === 'focus') this.#focused = event.focused;
      onKey(this.#state, event, this.#doing);
    }
    if (this.#keys.pending) this.#escape = setTimeout(() => this.#input(this.#keys.flush()), ESCAPE_MS);
    this.#schedule();
  }

  #resized(): void {
    this.#state.size = this.#terminal.size;
    this.#schedule();
  }

  /** Time passes: what tells it is drawn again. */
  #tick(): void {
    const { agents, cutSince } = this.#state;
    if (cutSince !== undefined || agents.some(({ turn, life }) => turn !== null || life === 'resting'))
      this.#schedule();
  }

  #loaded(): void {
    this.#state.loading = undefined;
    if (this.#state.model.lacks(this.#link.session)) this.#run(this.#complete());
    clearTimeout(this.#due);
    this.#due = undefined;
  }

  /** What of the session the events did not tell. */
  async #complete(): Promise<void> {
    const { client, session } = this.#link;
    this.#state.model.complete(await client.ask('session', { ref: session.id }));
  }

  /** The session has changed. */
  #changed(): void {
    if (this.#state.loading === undefined) this.#notify();
    this.#schedule();
  }

  /** Somebody who looks elsewhere is told that an answer is waited for. */
  #notify(): void {
    const waits = this.#calls.next(this.#state.model.state);
    if (!this.#focused && this.#state.may('approver') && waits !== '') this.#terminal.write(waits);
  }

  #schedule(): void {
    if (this.#due !== undefined) return;
    const pause = this.#state.loading === undefined ? FRAME_MS : LOADING_MS;
    const wait = Math.max(0, this.#drawn + pause - performance.now());
    this.#due = setTimeout(() => {
      this.#due = undefined;
      this.#draw();
    }, wait);
  }

  #draw(): void {
    // A terminal that has not taken the last frame gets only what is there when it has.
    if (this.#terminal.out.pending > 0) {
      this.#terminal.out.onTaken = () => this.#terminal.out.pending === 0 && this.#schedule();
      return;
    }
    const now = performance.now();
    this.#drawn = now;
    this.#state.look(now);
    const view = frameOf(this.#state, now, Date.now());
    const { cols, rows, cursor } = view;
    const frame: Frame = { lines: this.#ink.lines(view), cols, rows, cursor };
    const bytes = paint(this.#frame, frame);
    this.#frame = frame;
    if (bytes !== '') this.#terminal.write(bytes);
    // The keys of a question light up by themselves.
    const unarmed = this.#state.shown === undefined ? 0 : this.#state.unarmed(now);
    if (unarmed > 0 && this.#due === undefined)
      this.#due = setTimeout(
        () => {
          this.#due = undefined;
          this.#draw();
        },
        Math.max(FRAME_MS, unarmed),
      );
  }

  async #look(): Promise<void> {
    if (this.#state.cutSince !== undefined) return;
    try {
      const { you } = await this.#link.client.ask('session', { ref: this.#link.session.id });
      const people = await peopleOf(this.#link);
      const elsewhere = await waitingElsewhere(this.#link);
      const before = JSON.stringify(this.#state.presence);
      this.#state.presence = { role: you.role, people, elsewhere };
      if (JSON.stringify(this.#state.presence) !== before) this.#schedule();
    } catch {
      // Whoever may not ask sees nobody; a lost connection is told elsewhere.
    }
  }

  #run(work: Promise<unknown>, done?: string): void {
    work.then(
      () => {
        if (done !== undefined) this.#state.tell(done);
        this.#schedule();
      },
      (thrown) => {
        const { message } = SkeinError.from(thrown);
        this.#state.tell(message, true);
        this.#schedule();
      },
    );
  }

  #doings(actions: Actions): SlashDoing {
    const state = this.#state;
    return {
      actions,
      run: (work, done) => this.#run(work, done),
      submit: () => submit(state, this.#doing),
      cancelTurn: () => {
        const { agent } = state;
        if (agent?.turn != null) this.#run(actions.cancelTurn(agent.agent, agent.turn.turn));
      },
      say: (question, answer) => this.#run(actions.say(question, answer)),
      answer: (approval, answer, always, reason) =>
        this.#run(
          actions.answer({
            approval,
            answer,
            always,
            ...(reason === undefined || reason === '' ? {} : { reason }),
          }),
        ),
      copy: (text) => this.#copy(text),
      quit: () => this.end(0),
      suspend: () => void this.#suspend(),
      redraw: () => {
        this.#frame = undefined;
      },
      toggleMouse: () => {
        this.#terminal.mouse = !this.#terminal.mouse;
        state.tell(this.#terminal.mouse ? 'The wheel scrolls; shift selects.' : 'The mouse selects.');
      },
      now: () => performance.now(),
      height: () => transcriptHeight(state, performance.now()),
    };
  }

  #copy(text: string): void {
    const { sequence, said } = toClipboard(text);
    this.#terminal.write(sequence);
    this.#state.tell(said);
  }

  /** Stops as any program does when told to, and takes the terminal again when it goes on. */
  async #suspend(): Promise<void> {
    // A key that is held comes often.
    if (this.#suspending) return;
    this.#suspending = true;
    await this.#terminal.leave();
    const resumed = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()));
    process.kill(process.pid, 'SIGSTOP');
    await resumed;
    this.#suspending = false;
    this.#terminal.enter();
    this.#frame = undefined;
    // What was resized meanwhile told nobody who was stopped.
    (process.stdout as { _refreshSize?(): void })._refreshSize?.();
    this.#resized();
  }
}
