/** The reply to one prompt, from its events (rules A1, A4, A5). */
import { type Agents, NO_AGENTS, reduceAgents } from '@skein/protocol/agents/state';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Heard, Reply } from './reply.ts';

type Plain = [type: string, body: object];

const OWNER = { kind: 'owner', via: 'local' };
const BORN: Plain[] = [
  ['agent.added', { agent: 'A', name: 'claude', definition: 'claude', cwd: '/' }],
  ['agent.starting', { agent: 'A', run: 'R', resume: null, attempt: 0 }],
  [
    'agent.started',
    {
      ...{ agent: 'A', run: 'R', host: 'h', pid: 1, start: 's', driver: 'acp', argv: [], stuckAfter: 0 },
      restart: { when: 'never', most: 0, delay: 0 },
    },
  ],
  ['agent.ready', { run: 'R' }],
];
const QUEUED: Plain = [
  'prompt.queued',
  { agent: 'A', prompt: 'P', parts: [{ type: 'text', text: 'x' }], preview: 'x' },
];
const STARTED: Plain = ['turn.started', { run: 'R', turn: 't1', prompt: 'P' }];
const ended = (reason: string): Plain => ['turn.ended', { run: 'R', turn: 't1', reason }];
const said = (item: string, text: string, more = {}): Plain => [
  'message.delta',
  { run: 'R', turn: 't1', item, text, from: 'agent', ...more },
];
const ASKED: Plain = [
  'approval.asked',
  {
    ...{
      run: 'R',
      turn: 't1',
      call: 'c',
      approval: 'abcdefghijkl.a1',
      kind: 'execute',
      title: 'touch d',
      paths: [],
    },
    options: [{ id: 'y', kind: 'allow_once', label: 'Yes' }],
  },
];

function hear(...events: Plain[]): { heard: Heard[]; reply: Reply } {
  const reply = new Reply({ agent: 'A', name: 'claude', prompt: 'P', node: undefined });
  let state: Agents = NO_AGENTS;
  const heard: Heard[] = [];
  for (const [i, [type, body]] of [...BORN, ...events].entries()) {
    const event: StoredEvent = { type, at: i, by: OWNER, body };
    state = reduceAgents(state, event, i + 1);
    if (i >= BORN.length) heard.push(...reply.push(event, state));
  }
  return { heard, reply };
}

const textOf = (heard: Heard[]) => heard.map((one) => (one.kind === 'text' ? one.text : '')).join('');
const endOf = (heard: Heard[]) => heard.find((one) => one.kind === 'end');

test('[A1] what the agent says comes piece by piece, its messages apart, and nothing that is not to the reader', () => {
  const { heard } = hear(
    QUEUED,
    ['turn.started', { run: 'R', turn: 't0', prompt: null }],
    ['message.delta', { run: 'R', turn: 't0', item: 'i0', text: 'of another turn', from: 'agent' }],
    ['turn.ended', { run: 'R', turn: 't0', reason: 'done' }],
    STARTED,
    said('i1', 'Hel'),
    said('i1', 'lo'),
    said('i2', 'from below', { parent: 'c' }),
    ['message.ended', { run: 'R', turn: 't1', item: 'i2', text: 'from below, whole' }],
    said('i3', 'echo', { from: 'user' }),
    said('i4', 'there'),
    ['message.ended', { run: 'R', turn: 't1', item: 'i4', text: 'there.' }],
    ended('done'),
  );
  expect(textOf(heard)).toBe('Hello\n\nthere.');
  expect(endOf(heard)).toEqual({ kind: 'end', end: 'done', status: 0 });
});

test('[A1] whatever the pieces, what is printed of a message is the message', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), fc.boolean(), (pieces, tell) => {
      const whole = pieces.join('');
      const told: Plain[] = tell ? [['message.ended', { run: 'R', turn: 't1', item: 'i', text: whole }]] : [];
      const { heard } = hear(
        QUEUED,
        STARTED,
        ...pieces.map((piece) => said('i', piece)),
        ...told,
        ended('done'),
      );
      expect(textOf(heard)).toBe(whole);
    }),
  );
});

test('[A4] how it ended is its exit status', () => {
  for (const [reason, status] of [
    ['done', 0],
    ['cancelled', 130],
    ['refused', 1],
    ['failed', 1],
    ['lost', 1],
  ] as const)
    expect(endOf(hear(QUEUED, STARTED, ended(reason)).heard)).toMatchObject({ end: reason, status });
  expect(endOf(hear(QUEUED, ['prompt.cancelled', { agent: 'A', prompt: 'P' }]).heard)).toMatchObject({
    status: 130,
  });
  // A turn of the agent's own history is not the reply.
  const replayed: Plain = ['turn.started', { run: 'R', turn: 't1', prompt: 'P', replayed: true }];
  expect(endOf(hear(QUEUED, replayed, ended('done')).heard)).toBe(undefined);
});

test('[A6] an agent that ends before it has begun is waited for while it will be started again', () => {
  const exited: Plain = ['agent.exited', { run: 'R', code: 1, signal: null, stderr: '' }];
  expect(endOf(hear(QUEUED, exited).heard)).toMatchObject({ status: 1 });
  const { heard } = hear(QUEUED, ['agent.restarting', { agent: 'A', run: 'R2', fresh: false }], exited);
  expect(endOf(heard)).toBe(undefined);
  expect(endOf(hear(QUEUED, ['agent.removed', { agent: 'A' }]).heard)).toMatchObject({ end: 'lost' });
  expect(
    endOf(hear(QUEUED, STARTED, ['agent.lost', { agent: 'A', run: 'R', why: 'gone' }]).heard),
  ).toMatchObject({
    end: 'lost',
    why: 'gone',
  });
});

test('[A5] a question is told with how to answer it, unless a rule answers it at once', () => {
  const answered = (more: object): Plain => [
    'approval.answered',
    { agent: 'A', run: 'R', approval: 'abcdefghijkl.a1', outcome: 'allowed', option: 'y', ...more },
  ];
  const notes = (heard: Heard[]) => heard.flatMap((one) => (one.kind === 'note' ? [one.note] : []));
  expect(notes(hear(QUEUED, STARTED, ASKED, answered({ rule: 'policy.yaml:1' })).heard)).toEqual([]);
  const byHand = notes(hear(QUEUED, STARTED, ASKED, answered({ reason: 'fine' })).heard);
  expect(byHand).toEqual([
    'claude asks: touch d\n  skein approve abcd.a1  ·  skein deny abcd.a1',
    'allowed by you: fine',
  ]);
  const { reply } = hear(QUEUED, STARTED, ASKED);
  expect(reply.flush()).toHaveLength(1);
  expect(reply.flush()).toEqual([]);
});

test('of all events only those of the prompt, its turn and what it asks are told to programs', () => {
  const { reply } = hear(QUEUED, STARTED, ASKED);
  const concerns = ([type, body]: Plain) => reply.concerns({ type, at: 0, by: null, body });
  expect([QUEUED, STARTED, said('i', 'x'), ended('done')].every(concerns)).toBe(true);
  expect(concerns(['approval.resolved', { run: 'R', approval: 'abcdefghijkl.a1', outcome: 'allowed' }])).toBe(
    true,
  );
  expect(concerns(['approval.resolved', { run: 'Q', approval: 'abcdefghijkl.a2', outcome: 'allowed' }])).toBe(
    false,
  );
  expect(concerns(['message.delta', { run: 'Q', turn: 't1', item: 'i', text: 'x' }])).toBe(false);
  expect(concerns(['member.joined', { member: 'm' }])).toBe(false);
});
