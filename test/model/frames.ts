/** Turns the parts of a reply into what the server does one after the other, in the words of one API. */
import type { Part } from './plan.ts';
import type { Call } from './tools.ts';

export type Frame =
  | { frame: 'send'; text: string }
  | { frame: 'sleep'; ms: number }
  | { frame: 'hold'; gate: string }
  /** An answer that is an error from its first byte; never follows a `send`. */
  | { frame: 'status'; status: number; message: string }
  | { frame: 'cut' };

type Block = 'think' | 'text';

/** Why the model stopped: it has said all, or waits for its tool calls. */
type Stop = 'end' | 'call';

/** In tokens, of four characters each: nobody checks, but all want a number. */
export interface Usage {
  input: number;
  output: number;
}

export const CHARACTERS_PER_TOKEN = 4;

/** The events of one streamed reply in one API, each as the text that goes over the wire. */
export interface Encoder {
  begin(): string;
  open(block: Block): string;
  delta(block: Block, text: string): string;
  /** `text` is all that its deltas said. */
  close(block: Block, text: string): string;
  call(id: string, call: Call): string;
  end(stop: Stop, usage: Usage): string;
  /** An error after the reply has begun. */
  failed(message: string): string;
}

/** Deltas that one text becomes at most, so that a long one does not become thousands of events. */
const DELTAS = 64;
/** Characters of the shortest delta. */
const SHORTEST = 6;

export function* framesOf(parts: readonly Part[], encoder: Encoder, inputTokens: number): Generator<Frame> {
  let open: Block | undefined;
  let said = '';
  let characters = 0;
  let stop: Stop = 'end';
  let begun = false;
  const send = (text: string): Frame => ({ frame: 'send', text });

  function* begin(): Generator<Frame> {
    if (!begun) yield send(encoder.begin());
    begun = true;
  }
  function* close(): Generator<Frame> {
    if (open !== undefined) yield send(encoder.close(open, said));
    open = undefined;
    said = '';
  }
  function* say(block: Block, text: string): Generator<Frame> {
    yield* begin();
    if (open !== block) {
      yield* close();
      yield send(encoder.open(block));
      open = block;
    }
    for (const piece of piecesOf(text)) {
      characters += piece.length;
      said += piece;
      yield send(encoder.delta(block, piece));
    }
  }

  for (const part of parts) {
    switch (part.part) {
      case 'think':
      case 'text':
        yield* say(part.part, part.text);
        break;
      case 'flood':
        for (let index = 0; index < part.pieces; index += 1) {
          yield* say('text', `piece ${index} `);
          if (part.ms > 0) yield { frame: 'sleep', ms: part.ms };
        }
        break;
      case 'call':
        yield* begin();
        yield* close();
        characters += JSON.stringify(part.call.input).length;
        stop = 'call';
        yield send(encoder.call(part.id, part.call));
        break;
      case 'sleep':
        // The agent sees the reply begin and then nothing, as of a model that thinks long.
        yield* begin();
        yield { frame: 'sleep', ms: part.ms };
        break;
      case 'hold':
        yield* begin();
        yield { frame: 'hold', gate: part.gate };
        break;
      case 'error':
        yield begun
          ? send(encoder.failed(part.message))
          : { frame: 'status', status: part.status, message: part.message };
        return;
      case 'cut':
        yield { frame: 'cut' };
        return;
    }
  }
  yield* begin();
  yield* close();
  yield send(encoder.end(stop, { input: inputTokens, output: Math.ceil(characters / CHARACTERS_PER_TOKEN) }));
}

function piecesOf(text: string): string[] {
  const size = Math.max(SHORTEST, Math.ceil(text.length / DELTAS));
  return text.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];
}

/** A reply given in one piece, by the APIs that can be asked so. */
export interface Whole {
  think: string;
  text: string;
  calls: { id: string; call: Call }[];
  stop: Stop;
  usage: Usage;
}

/** Gathers a reply as its deltas come, for a request that asked for no stream. */
export class Gatherer implements Encoder {
  readonly whole: Whole = { think: '', text: '', calls: [], stop: 'end', usage: { input: 0, output: 0 } };
  failure: string | undefined;

  begin(): string {
    return '';
  }
  open(): string {
    return '';
  }
  delta(block: Block, text: string): string {
    this.whole[block] += text;
    return '';
  }
  close(): string {
    return '';
  }
  call(id: string, call: Call): string {
    this.whole.calls.push({ id, call });
    return '';
  }
  end(stop: Stop, usage: Usage): string {
    this.whole.stop = stop;
    this.whole.usage = usage;
    return '';
  }
  failed(message: string): string {
    this.failure = message;
    return '';
  }
}
