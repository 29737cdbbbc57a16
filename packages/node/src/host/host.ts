/**
 * The host (rules H1–H4): holds up to 32 programs of one kind, whatever becomes of the node. It is asked by the node over its control
 * connection, and serves viewers who show a one-time right.
 */
import type { Socket } from 'node:net';
import { unpackFrame } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { HOST_VERSIONS, HostFrame, type HostHello } from '@skein/protocol/host/frames';
import {
  JOURNAL_BYTES,
  LANE_WINDOW,
  MAX_FRAME,
  MAX_VIEWER_FRAME,
  PIPE_JOURNAL_BYTES,
  RUNS_PER_HOST,
  VIEW_WINDOW,
} from '@skein/protocol/limits';
import { signalGroup, startTime } from '../platform/process.ts';
import { type ControlAnswers, type ControlBodies, controls, type HostEvent } from './control.ts';
import { Door } from './door.ts';
import { Ends } from './ends.ts';
import type { Hosted } from './hosted.ts';
import { infoOf, presenceOf } from './info.ts';
import type { Link } from './link.ts';
import { PipedRun } from './piped-run.ts';
import { checkPlace } from './places.ts';
import { Readers } from './readers.ts';
import { matches, Rights } from './rights.ts';
import { HostedRun } from './run.ts';
import { type RunRecord, runDir, writeRun } from './run-files.ts';
import { Screens } from './screens.ts';
import { startOf, withSpare } from './spare.ts';
import { Viewer } from './viewer.ts';

interface HostOptions {
  id: string;
  home: string;
  version: string;
  /** Hash of the key that the node's control connection shows. */
  keyHash: string;
  /** Of the screens: with the worker's source nothing is read after the start. */
  emulator?: ConstructorParameters<typeof Screens>[0];
  /** Nothing is left to hold and nobody may come any more. */
  done(): void;
}

interface Held {
  hosted: Hosted;
  start: string;
}

export class Host {
  readonly #options: HostOptions;
  readonly #screens: Screens;
  readonly #door = new Door((link, hello) => this.#hello(link, hello));
  readonly #rights = new Rights();
  readonly #runs = new Map<string, Held>();
  readonly #ends = new Ends(() => this.#maybeDone());
  readonly readers = new Readers(() => this.#runs.values());
  #control: Link | undefined;
  #draining = false;
  #nextViewer = 1;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#screens = new Screens(options.emulator ?? {});
  }

  /** Whether no program runs, and how those that ran have ended is on disk. */
  get idle(): boolean {
    if (!this.#ends.kept) return false;
    for (const { hosted } of this.#runs.values()) if (!hosted.ended) return false;
    return true;
  }

  get controlled(): boolean {
    return this.#control !== undefined;
  }

  accept(socket: Socket): void {
    this.#door.accept(socket);
  }

  #hello(link: Link, hello: HostHello): void {
    const version = HOST_VERSIONS.find((v) => hello.versions.includes(v));
    if (version === undefined) {
      throw new SkeinError(
        'unsupported_version',
        `This host speaks versions ${HOST_VERSIONS.join(', ')} of its protocol.`,
        { versions: HOST_VERSIONS },
      );
    }
    const host = { id: this.#options.id, version: this.#options.version, pid: process.pid };
    if (hello.key !== undefined) {
      if (!matches(hello.key, this.#options.keyHash))
        throw new SkeinError('right_invalid', 'This is not the key of this host.');
      link.sendValue(HostFrame.WELCOME, { version, host });
      return this.#controlBy(link);
    }
    if (hello.token === undefined)
      throw new SkeinError('right_invalid', 'A viewer shows a right, a node its key.');
    const right = this.#rights.use(hello.token);
    const { hosted } = this.#held(right.run);
    const view = hello.view ?? 'screen';
    if (hosted.kind === 'pipe' && view === 'screen')
      throw new SkeinError('not_a_terminal', `Run ${right.run} is on pipes: it has output, and no screen.`);
    checkPlace(hosted.viewers, right);
    const id = String(this.#nextViewer++);
    const attachment = hello.attachment ?? `anonymous ${id}`;
    const viewer = new Viewer(link, hosted, {
      id,
      attachment,
      who: right.who,
      role: right.role,
      view,
      from: hello.from ?? 0,
      floor: right.floor,
      follow: hello.follow ?? true,
      window: hello.window ?? (view === 'bytes' ? LANE_WINDOW : VIEW_WINDOW),
      cols: hello.cols ?? hosted.size.cols,
      rows: hello.rows ?? hosted.size.rows,
      terminal: right.role === 'write' && view === 'screen' ? hello.terminal : undefined,
    });
    link.allow(MAX_VIEWER_FRAME);
    const accepted = hosted.acceptedOf(attachment);
    link.sendValue(HostFrame.WELCOME, {
      version,
      host,
      run: right.run,
      role: right.role,
      ...hosted.size,
      accepted,
      head: hosted.head,
      ...(viewer.near && { terminal: true }),
    });
    hosted.add(viewer);
  }

  /** The node's connection; a newer one takes its place, as after a restart whose old socket lingers. */
  #controlBy(link: Link): void {
    this.#control?.close();
    this.#control = link;
    link.allow(MAX_FRAME);
    link.events = {
      frame: (type, payload) => {
        if (type === HostFrame.REQ) void this.#request(link, payload);
      },
      closed: () => {
        if (this.#control === link) this.#control = undefined;
        this.#maybeDone();
      },
    };
  }

  async #request(link: Link, payload: Uint8Array): Promise<void> {
    let n = 0;
    try {
      const request = unpackFrame(payload) as { n?: unknown; type?: unknown; body?: unknown };
      if (typeof request.n !== 'number' || typeof request.type !== 'string')
        throw new SkeinError('bad_frame', 'A request has a number and a type.');
      n = request.n;
      const body = await this.#dispatch(request.type, request.body);
      link.sendValue(HostFrame.RES, { n, body });
    } catch (error) {
      link.sendValue(HostFrame.RES, { n, error: SkeinError.from(error).toBody() });
    }
  }

  async #dispatch(type: string, body: unknown): Promise<object> {
    if (!Object.hasOwn(controls, type))
      throw new SkeinError('unknown_command', `This host does not know "${type}".`);
    const name = type as keyof ControlBodies;
    const parsed = controls[name].safeParse(body);
    if (!parsed.success)
      throw new SkeinError(
        'bad_request',
        `A "${type}" is malformed: ${parsed.error.issues[0]?.message ?? ''}.`,
      );
    const handle = this.#handlers[name] as (body: unknown) => object | Promise<object>;
    return handle(parsed.data);
  }

  readonly #handlers: {
    [K in keyof ControlBodies]: (body: ControlBodies[K]) => ControlAnswers[K] | Promise<ControlAnswers[K]>;
  } = {
    start: (body) => this.#start(body),
    list: () => ({ runs: [...this.#runs.values()].map(infoOf), draining: this.#draining }),
    right: ({ hash, run, role, who = '', floor = 0 }) => {
      this.#held(run);
      this.#rights.grant(hash, { run, role, who, floor });
      return { floor };
    },
    signal: ({ run, signal }) => {
      const { hosted, start } = this.#held(run);
      // By pid and start time: never a stranger who got the number afterwards (H4).
      const sent =
        !hosted.ended && startTime(hosted.pid) === start && signalGroup(hosted.pid, signal as NodeJS.Signals);
      return { sent };
    },
    screen: async ({ run, form, history }) => {
      const { data, modes, ...at } = await this.#held(run).hosted.snapshot(form, history);
      return { ...at, data: new TextDecoder().decode(data), applicationCursor: modes.applicationCursor };
    },
    resize: ({ run, cols, rows, veiled }) => {
      this.#held(run).hosted.resize(cols, rows, veiled);
      return { cols, rows };
    },
    reap: async ({ run }) => {
      const hosted = this.#runs.get(run)?.hosted;
      if (hosted?.ended === false) throw new SkeinError('still_running', `Run ${run} has not ended.`);
      await hosted?.settled();
      this.#ends.taken(hosted);
      if (hosted !== undefined) this.readers.reaped(hosted);
      this.#runs.delete(run);
      this.#maybeDone();
      return {};
    },
    drain: () => {
      this.#draining = true;
      this.#maybeDone();
      return {};
    },
    shutdown: () => {
      this.#draining = true;
      for (const { hosted, start } of this.#runs.values()) {
        if (!hosted.ended && startOf(hosted.pid) === start) signalGroup(hosted.pid, 'SIGKILL');
      }
      return {};
    },
  };

  /** Starts a program, once: the same run asked for again is answered with the one that is there (H4). */
  #start(body: ControlBodies['start']): ControlAnswers['start'] {
    const there = this.#runs.get(body.run);
    if (there !== undefined) return { pid: there.hosted.pid, start: there.start };
    if (this.#draining)
      throw new SkeinError('host_unavailable', 'This host is draining and takes no new runs.');
    if (this.#runs.size >= RUNS_PER_HOST)
      throw new SkeinError('host_unavailable', `This host holds ${RUNS_PER_HOST} runs already.`);
    const dir = runDir(this.#options.home, body.run);
    const record = { run: body.run, host: this.#options.id };
    const hosted = withSpare(() => this.#begin(body, dir, record));
    const start = startOf(hosted.pid);
    this.#runs.set(body.run, { hosted, start });
    try {
      writeRun(dir, { ...record, pid: hosted.pid, start });
    } catch {
      // A full disk: while this host lives it tells the process, and afterwards the run's environment does.
    }
    return { pid: hosted.pid, start };
  }

  #begin(body: ControlBodies['start'], dir: string, record: RunRecord): Hosted {
    writeRun(dir, record);
    const { run, argv, cwd, journalBytes } = body;
    const program = { run, dir, argv, cwd, env: { ...body.env, SKEIN_RUN: run } };
    if (body.kind === 'pipe')
      return new PipedRun({ ...program, journalBytes: journalBytes ?? PIPE_JOURNAL_BYTES }, (ended) =>
        this.#exited(ended),
      );
    const { cols, rows } = body;
    const spec = { ...program, cols, rows, journalBytes: journalBytes ?? JOURNAL_BYTES };
    return new HostedRun(spec, this.#screens, {
      exited: (ended) => this.#exited(ended),
      changed: (one) => this.#changed(one),
      gap: (_, from, to) => this.#event({ type: 'gap', run, from, to }),
      unseen: () => this.#event({ type: 'unseen', run }),
    });
  }

  #changed(hosted: Hosted): void {
    this.#event({ type: 'changed', run: hosted.run, ...presenceOf(hosted) });
    // While there is no node, who types is kept for the next.
    if (this.controlled) hosted.typing?.told();
  }

  #exited(run: Hosted): void {
    const exit = run.exit ?? { code: null, signal: null, bytes: run.head };
    this.#ends.keep(run, exit);
    this.#event({ type: 'exited', run: run.run, ...exit });
    this.#maybeDone();
  }

  #event(event: HostEvent): void {
    this.#control?.sendValue(HostFrame.EVENT, event);
  }

  /** Throws `not_running`: once the node has taken how a run ended, nothing of it is held. */
  #held(run: string): Held {
    const held = this.#runs.get(run);
    if (held === undefined) throw new SkeinError('not_running', `Run ${run} has ended, and is let go of.`);
    return held;
  }

  /** Ends when nothing is held and nobody will ask for more: drained, or ended runs only and no node for them. */
  #maybeDone(): void {
    if (!this.idle || !this.#draining || (this.#runs.size > 0 && this.#control !== undefined)) return;
    this.readers.whenGone(() => void this.#screens.stop().then(() => this.#options.done()));
  }
}
