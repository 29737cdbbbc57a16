/**
 * The connections of a node, local and of devices (rules M2, M3): how many there may be, how long somebody unknown may stay,
 * and the cutting of those whose rights were changed.
 */
import { CHANNEL_VERSIONS } from '@skein/protocol/channel/frames';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import type { Gate } from '../members/gate.ts';
import { notAllowed } from '../members/refusals.ts';
import type { Roll } from '../members/roll.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import type { Pipe, PipeEvents } from './pipe.ts';
import type { Caller } from './visit.ts';

/** Connections of one device: a person's terminals, each with one of its own. */
const MAX_PER_DEVICE = 64;
/** Connections of devices that are admitted nowhere: together, and of one. They come to redeem a ticket, and go. */
const MAX_STRANGERS = 128;
const MAX_PER_STRANGER = 4;
/** Milliseconds in which somebody unknown must have redeemed a ticket. */
const STRANGER_MS = 10_000;

interface ConnectionsContext extends ConnectionContext {
  gate: Gate;
  roll: Roll;
}

export class Connections {
  readonly #context: ConnectionsContext;
  readonly #open = new Set<Connection>();
  readonly #devices = new Map<string, Set<Connection>>();

  constructor(context: ConnectionsContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Serves the machine's user, or an agent of theirs. */
  begin(by: Caller, pipe: Pipe): PipeEvents {
    return this.#begin(by, pipe, () => {}).events;
  }

  /**
   * Serves a device that has proved its key: `device` is its PeerId. Undefined when there are too many of somebody unknown
   * already; the pipe is then to be refused. A member is told that there are.
   */
  accept(device: string, pipe: Pipe): PipeEvents | undefined {
    const { gate, roll } = this.#context;
    const mine = this.#devices.get(device) ?? new Set();
    const known = gate.knows(device);
    if (known && mine.size >= MAX_PER_DEVICE) return turnedAway(pipe, tooManyOfOne());
    if (!known && (mine.size >= MAX_PER_STRANGER || this.#strangers() >= MAX_STRANGERS)) return undefined;
    roll.came(device);
    const connection = this.#begin({ kind: 'device', device }, pipe, () => {
      clearTimeout(leave);
      roll.left(device);
      mine.delete(connection);
      if (mine.size === 0) this.#devices.delete(device);
    });
    const dismiss = () => {
      if (!gate.knows(device)) connection.end(notAllowed('viewer', 'stranger'));
    };
    const leave = known ? undefined : setTimeout(dismiss, STRANGER_MS).unref();
    this.#devices.set(device, mine.add(connection));
    return connection.events;
  }

  /** Cuts every connection of a device. It may come back, as what it is then. */
  cut(device: string, why: string): void {
    for (const connection of this.#devices.get(device) ?? [])
      connection.end(new SkeinError('not_allowed', why, { rule: 'M3' }));
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  #begin(by: Caller, pipe: Pipe, left: () => void): Connection {
    const connection: Connection = new Connection(pipe, by, this.#context, () => {
      this.#open.delete(connection);
      left();
    });
    this.#open.add(connection);
    return connection;
  }

  #strangers(): number {
    let strangers = 0;
    for (const [device, connections] of this.#devices)
      if (!this.#context.gate.knows(device)) strangers += connections.size;
    return strangers;
  }
}

/** Not that it may not come: those that were lost count until that is found out, so that it may be let in a moment later. */
function tooManyOfOne(): SkeinError {
  const message = `A device has at most ${MAX_PER_DEVICE} connections to one node at a time.`;
  return new SkeinError('mailbox_full', message);
}

/** Says why, and hears nothing. */
export function turnedAway(pipe: Pipe, why: SkeinError): PipeEvents {
  const error = why.toBody();
  pipe.send(pack({ t: 'refused', error, versions: CHANNEL_VERSIONS }));
  pipe.close(error.code);
  return { message() {}, closed() {} };
}
