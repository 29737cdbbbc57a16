/**
 * Copies what a hosted session records into the session at home (rule X2): from the cursor that home has, page by page, each in one
 * transaction with the cursor behind it.
 */
import type { AgentEvents } from '@skein/protocol/agents/events';
import { wholeEvent } from '@skein/protocol/client/blobs';
import type { Client } from '@skein/protocol/client/client';
import type { Page } from '@skein/protocol/client/subscription';
import { SkeinError } from '@skein/protocol/errors';
import type { Far } from '@skein/protocol/machines/far';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type { SessionState } from '@skein/protocol/sessions/state';
import { optionFor } from '../../agents/decide-approvals.ts';
import type { Policies } from '../../agents/policy/policies.ts';
import type { FarAnswer, FarCommands } from './far-words.ts';

/** Bytes of bodies fetched beside their page that go into one transaction. */
const MOST_BYTES = 512 * 1024;
/** What says that home's cursor is none of the worker's log any more (L4). */
const GAPS: readonly string[] = ['cursor_wrong_epoch', 'cursor_past_head', 'cursor_before_retained'];

export interface CopyContext {
  policies: Policies;
  state(): Promise<SessionState>;
  submit<K extends keyof FarCommands>(type: K, body: FarCommands[K]): Promise<void>;
}

/** Goes on until `over`. Throws what following the worker's log throws. */
export async function copyFrom(
  context: CopyContext,
  client: Client,
  { agent, session }: { agent: string; session: string },
  over: AbortSignal,
): Promise<void> {
  await context.policies.prepare();
  const stream = `session/${session}`;
  const far = (await context.state()).far[agent];
  if (far === undefined) return;
  const pages = client.subscribe({ stream, from: far.cursor ?? { offset: 0 }, follow: true });
  const close = () => pages.close();
  over.addEventListener('abort', close, { once: true });
  try {
    for (let page = await pages.next(); page !== undefined; page = await pages.next())
      for await (const piece of piecesOf(client, stream, page))
        await context.submit('far.copy', {
          ...{ agent, epoch: page.epoch },
          ...piece,
          answers: answersTo(context, agent, await context.state(), piece.events),
        });
  } catch (thrown) {
    const error = SkeinError.from(thrown);
    if (!GAPS.includes(error.code)) throw thrown;
    await context.submit('far.gap', {
      agent,
      ...(await cursorAfterGap(client, stream, far, error)),
      why: error.message.slice(0, 900),
    });
  } finally {
    over.removeEventListener('abort', close);
    pages.close();
  }
}

interface Piece {
  from: number;
  events: StoredEvent[];
}

/**
 * Bodies whole, and not too many bytes at once. One begins at each question, so that whatever answers it before people do knows all that
 * was before it; and what the worker's policy says comes with it.
 */
async function* piecesOf(client: Client, stream: string, page: Page): AsyncGenerator<Piece> {
  let piece: Piece = { from: page.first - 1, events: [] };
  let bytes = 0;
  for (const [i, event] of page.events.entries()) {
    const offset = page.first + i;
    const size = event.blob?.size ?? 0;
    if (piece.events.length > 0 && (event.type === 'approval.asked' || bytes + size > MOST_BYTES)) {
      yield piece;
      piece = { from: offset - 1, events: [] };
      bytes = 0;
    }
    const { blob: _, ...whole } = await wholeEvent(client, stream, offset, event);
    piece.events.push(whole);
    bytes += size;
  }
  yield piece;
}

/** What home's policies answer, where the worker's have not. */
function answersTo(
  { policies }: CopyContext,
  agent: string,
  state: SessionState,
  events: readonly StoredEvent[],
): FarAnswer[] {
  const known = state.agents[agent];
  if (known === undefined) return [];
  const settled = new Set(
    events
      .filter(({ type }) => type === 'approval.answered')
      .map(({ body }) => (body as { approval?: unknown } | null)?.approval),
  );
  return events.flatMap((event): FarAnswer[] => {
    if (event.type !== 'approval.asked') return [];
    const asked = event.body as AgentEvents['approval.asked'];
    if (settled.has(asked.approval)) return [];
    try {
      const judged = policies.judge(state, known)(asked);
      const option = judged && optionFor(asked.options, judged.answer);
      if (judged === undefined || option === undefined) return [];
      const { run, approval } = asked;
      const outcome = judged.answer === 'allow' ? ('allowed' as const) : ('denied' as const);
      const why = judged.reason === undefined ? {} : { reason: judged.reason };
      return [{ approval, run, outcome, option: option.id, rule: judged.rule, ...why }];
    } catch {
      // It is not of the shape that it should have: nobody is to be asked about it.
      return [];
    }
  });
}

/** Each is a repair of the log, or a copy of it that was put back. */
const EPOCHS_MAX = 10_000;

/** A number that another machine tells as a place in its log; undefined where it is none. */
function place(told: unknown): number | undefined {
  return typeof told === 'number' && Number.isSafeInteger(told) && told >= 0 ? told : undefined;
}

async function cursorAfterGap(
  client: Client,
  stream: string,
  { cursor }: Far,
  error: SkeinError,
): Promise<Cursor> {
  const [first, head] = [place(error.data?.first) ?? 1, place(error.data?.head) ?? 0];
  const begun: Begun[] = [];
  let epoch = 0;
  const pages = client.subscribe({ stream, from: { offset: Math.max(0, first - 1) }, follow: false });
  for await (const page of pages) {
    epoch = page.epoch;
    for (const { type, body } of page.events) {
      if (type !== 'log.epoch') continue;
      const told = (body ?? {}) as { oldEpoch?: unknown; offset?: unknown };
      const offset = place(told.offset);
      if (offset !== undefined) begun.push({ oldEpoch: place(told.oldEpoch) ?? 0, offset });
    }
    if (begun.length > EPOCHS_MAX)
      throw new SkeinError(
        'bad_frame',
        'That machine says that its log has begun anew more often than any does.',
      );
  }
  const left = lastInBoth(cursor ?? { epoch: 0, offset: 0 }, epoch, begun);
  return { epoch, offset: Math.min(Math.max(left, first - 1), Math.max(head, first - 1)) };
}

interface Cursor {
  epoch: number;
  offset: number;
}

/** That a log has begun anew, behind the event at `offset`, which it has kept. */
interface Begun {
  oldEpoch: number;
  offset: number;
}

/**
 * Up to where a log that has begun anew holds what was copied: behind what both have, or where what it has lost began, so that all that
 * came after that is copied, and nothing twice. Epochs are random: what came before the known one is told from what came after by its
 * place alone. Where the end of the known one is lost itself, the last counts.
 */
export function lastInBoth(known: Cursor, now: number, begun: readonly Begun[]): number {
  if (known.epoch === now) return known.offset;
  const since = begun.findIndex(({ oldEpoch }) => oldEpoch === known.epoch);
  const after = since < 0 ? begun.slice(-1) : begun.slice(since);
  return Math.min(known.offset, ...after.map(({ offset }) => offset));
}
