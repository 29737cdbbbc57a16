/** Holds the drivers against recordings of the real agents: what they were seen to say means the same for all of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Play, recut, replay } from '@skein/node/drivers/play.fixture';
import { kinds } from '@skein/node/drivers/subjects.fixture';
import type { ToolItem } from '@skein/protocol/agents/transcript';
import { describe, expect, test } from 'vitest';
import { driverOf, playRecording } from './replayed.ts';

const FOLDER = join(import.meta.dirname, 'recordings');
const RECORDINGS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => {
    const [agent = '', run = ''] = name.split('.');
    return { agent, run, file: join(FOLDER, name) };
  });

const ends = (play: Play) => play.of('turn.ended').map((turn) => turn.reason);
/** Turn by turn; what some tell before the first is no turn. */
const said = (play: Play) =>
  play.transcript.turns
    .filter((turn) => turn.turn !== null)
    .map((turn) =>
      turn.items
        .flatMap((item) => (item.type === 'message' && item.from === 'agent' ? [item.text] : []))
        .join('|'),
    );
const tools = (play: Play): ToolItem[] =>
  play.transcript.turns.flatMap((turn) => turn.items.filter((item) => item.type === 'tool'));
/** What becomes of a question and of the call that it is about, in order. */
const settled = (play: Play) =>
  kinds(play.events).filter(
    (type) => type === 'approval.resolved' || type.startsWith('tool.') || type === 'message.delta',
  );
const outcomes = (play: Play) => play.of('approval.resolved').map((one) => one.outcome);

/** By the name of the run, what must have come of it, whichever agent it was. */
const EXPECTED: Record<string, (play: Play) => void> = {
  prompt: (play) => {
    expect(ends(play)).toEqual(['done']);
    expect(said(play)).toEqual(['Hello from the script, word by word.']);
    const turn = play.transcript.turns.find((one) => one.turn !== null);
    // Gemini gives each piece of a thought a heading of its own.
    expect(turn?.items[0]).toMatchObject({ type: 'thought', text: expect.stringContaining('let me') });
  },
  'write-allowed': (play) => {
    expect(ends(play)).toEqual(['done']);
    expect(outcomes(play)).toEqual(['allowed']);
    expect(JSON.stringify(play.of('approval.asked'))).toContain('a.txt');
    expect(tools(play)).toMatchObject([{ state: 'done' }]);
    expect(said(play)).toEqual(['I will write it.|It is written.']);
  },
  'write-denied': (play) => {
    expect(ends(play)).toHaveLength(1);
    expect(outcomes(play)).toEqual(['denied']);
    expect(tools(play)).toMatchObject([{ state: 'denied' }]);
    expect(settled(play).slice(0, 3)).toEqual(['tool.announced', 'approval.resolved', 'tool.finished']);
  },
  'shell-allowed': (play) => {
    expect(ends(play)).toEqual(['done']);
    expect(outcomes(play)).toEqual(['allowed']);
    expect(tools(play)).toMatchObject([{ kind: 'execute', state: 'done' }]);
  },
  cancel: (play) => {
    expect(ends(play)).toEqual(['cancelled', 'done']);
    // What it began to say may have come before it was stopped, or not.
    expect(said(play)[0]).toMatch(/^(I begin\.)?$/);
    expect(said(play)[1]).toBe('The next turn.');
  },
  'cancel-asking': (play) => {
    expect(ends(play)).toEqual(['cancelled']);
    expect(outcomes(play)).toEqual(['withdrawn']);
    expect(tools(play)).toMatchObject([{ state: 'cancelled' }]);
    expect(settled(play)).toEqual(['tool.announced', 'approval.resolved', 'tool.finished']);
  },
  queued: (play) => {
    expect(ends(play)).toEqual(['done', 'done']);
    expect(said(play)).toEqual(['First.', 'Second.']);
  },
  'model-error': (play) => {
    // OpenCode tries again until it is cancelled, and then says that all went well.
    const cancelled = play.inputs.some((input) => input.type === 'cancel');
    expect(ends(play)).toEqual([cancelled ? 'done' : 'failed']);
  },
  killed: (play) => {
    expect(ends(play)).toEqual(['done', 'lost']);
    expect(play.of('agent.exited')).toMatchObject([{ signal: 9 }]);
  },
  resume: (play) => {
    expect(ends(play)).toEqual(['done']);
    expect(said(play)).toEqual(['After the kill.']);
  },
  'resume-unknown': (play) => {
    expect(ends(play)).toEqual([]);
    expect(play.of('agent.fault')).toMatchObject([{ code: 'agent_start_failed' }]);
    expect(play.of('agent.session')).toEqual([]);
  },
};

test('[A1] there are recordings, and every one has something expected of it', () => {
  expect(RECORDINGS.length).toBeGreaterThan(0);
  expect(RECORDINGS.filter(({ run }) => EXPECTED[run] === undefined)).toEqual([]);
});

describe.each(RECORDINGS)('$agent, recorded: $run', ({ agent, run, file }) => {
  const play = playRecording(file, agent);

  test('[A1] means what it should', () => {
    EXPECTED[run]?.(play);
    const bad = play.of('agent.fault').filter((fault) => fault.code !== 'agent_request_failed');
    expect(bad.filter((fault) => fault.code !== 'agent_start_failed')).toEqual([]);
    expect(play.state.approvals).toEqual([]);
  });

  test('[A2] is the same however it is cut, and wherever the node is restarted', () => {
    for (const [sizes, store] of [[[1], 0] as const, [[97, 1009, 13], 1] as const, [[65_536], 3] as const]) {
      const again = replay(driverOf(agent), play.spec, recut(play.inputs, sizes), store);
      expect(again.events).toEqual(play.events);
      expect(again.writes).toEqual(play.writes);
    }
  });
});
