/** The tool that reads what an agent was told, said and did, a page at a time (rule N1). */
import type { AgentState } from '@skein/protocol/agents/state';
import { unpackEvents } from '../../kernel/codec.ts';
import type { LogEvent } from '../../kernel/types.ts';
import { bounded } from '../answers.ts';
import type { ToolRun } from '../tool-run.ts';
import { Entries, type Entry } from '../transcript-entries.ts';
import type { ToolHandlers } from './handler.ts';

/** Events that are looked through for one page, at most. */
const MAX_LOOKED = 20_000;
/** Without a place to begin at, so far before the end a page is looked for. */
const BEFORE_END = 4_000;

export const transcriptHandlers: ToolHandlers<'transcript'> = {
  async transcript({ agent: ref, from, limit, full }, run) {
    const state = await run.state();
    const agent = run.agent(state, ref);
    const head = run.parts.kernel.head(`session/${run.session}`);
    const begin = from ?? Math.max(1, (head?.head ?? 0) - BEFORE_END);
    const { entries, next } = await read(
      run,
      agent,
      begin,
      from === undefined ? Number.MAX_SAFE_INTEGER : limit,
      full,
    );
    const page = from === undefined ? entries.slice(-limit) : entries.slice(0, limit);
    const { text, cut } = bounded(page.map((one) => one.text).join('\n\n'), from === undefined);
    const more = next === null ? '' : `\n\nIt goes on: from=${next}.`;
    const first = page[0]?.offset ?? null;
    return {
      text: text === '' ? `Nothing of ${agent.name} is there.` : `${text}${more}`,
      data: { agent: agent.name, first, next, entries: page.length, cut: cut || page.some((one) => one.cut) },
    };
  },
};

async function read(
  run: ToolRun,
  agent: AgentState,
  from: number,
  limit: number,
  full: boolean,
): Promise<{ entries: Entry[]; next: number | null }> {
  const stream = `session/${run.session}`;
  const info = run.parts.kernel.head(stream);
  const made = new Entries(agent.agent, full);
  if (agent.run !== null) made.knows(agent.run.run);
  if (info === undefined) return { entries: [], next: null };
  const begin = Math.max(from, info.first);
  const events = await run.parts.kernel.subscribe({
    stream,
    from: { epoch: 0, offset: Math.min(begin - 1, info.head) },
    follow: false,
  });
  let looked = 0;
  try {
    for (let page = await events.next(); page !== null; page = await events.next()) {
      let offset = page.first;
      for (const event of unpackEvents(page.data) as LogEvent[]) {
        if (made.count > limit || looked++ >= MAX_LOOKED)
          return { entries: made.all.slice(0, limit), next: made.all[limit]?.offset ?? offset };
        made.take(event, offset++);
      }
    }
  } finally {
    events.close();
  }
  return { entries: made.all, next: made.count > limit ? (made.all[limit]?.offset ?? null) : null };
}
