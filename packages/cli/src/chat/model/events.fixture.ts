/** Random lives of an agent, as a session's log could hold them. */
import type { AgentEvent } from '@skein/protocol/agents/events';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import * as fc from 'fast-check';

export const AGENT = 'agentaaaaaaa';
export const RUN = 'runaaaaaaaaa';
const OWNER = { kind: 'owner', via: 'local' };

/** What makes Markdown, terminals and widths stumble, in pieces as agents send them. */
export const words = fc.oneof(
  fc.constantFrom(
    ...[
      '# Head\n',
      '\n\n',
      '```js\n',
      '```\n',
      '- item\n',
      '  - inner\n',
      '1. one\n',
      '> quoted\n',
      '| a | b |\n|---|--:|\n',
    ],
    ...[
      '| 1 | 日本 |\n',
      '**bold',
      '**',
      '`',
      '*',
      '[link](http://x.y)',
      '~~~\n',
      '    code\n',
      '<b>',
      '&amp;',
      '---\n',
      '\n',
    ],
    ...[
      '\x1b[31m',
      '\x1b]0;title\x07',
      '\x9b2J',
      '\u202e',
      '\r\n',
      '\t',
      '😀',
      '👨‍👩‍👧',
      'é',
      '日本語の文',
      'a\u0301',
      '\ud83d',
      '\x00',
    ],
    'a rather long piece of text that has to be broken somewhere, at a space if there is one',
    'x'.repeat(90),
  ),
  fc.string({ maxLength: 12 }),
);

const id = fc.constantFrom('a', 'b', 'c');
const base = { run: RUN, turn: 't1' };

const event: fc.Arbitrary<AgentEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ item: id, text: words, from: fc.constantFrom('agent', 'user') })
      .map((r) => ({ type: 'message.delta', body: { ...base, ...r } }) as AgentEvent),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ item: id, text: words })
      .map((r): AgentEvent => ({ type: 'thought.delta', body: { ...base, ...r } })),
  },
  fc.record({ item: id }).map((r): AgentEvent => ({ type: 'message.ended', body: { ...base, ...r } })),
  fc
    .record({ item: id, text: words })
    .map((r): AgentEvent => ({ type: 'message.ended', body: { ...base, ...r } })),
  fc.record({ item: id }).map((r): AgentEvent => ({ type: 'thought.ended', body: { ...base, ...r } })),
  fc
    .record({ call: id, title: words })
    .map(
      (r): AgentEvent => ({ type: 'tool.announced', body: { ...base, ...r, kind: 'edit', paths: ['p'] } }),
    ),
  fc.record({ call: id, before: words, after: words, text: words }).map(
    ({ call, before, after, text }): AgentEvent => ({
      type: 'tool.updated',
      body: { ...base, call, diffs: [{ path: 'p', before, after }], output: { text } },
    }),
  ),
  fc
    .record({ call: id, end: fc.constantFrom('done', 'failed', 'denied') })
    .map((r) => ({ type: 'tool.finished', body: { ...base, ...r } }) as AgentEvent),
  fc.record({ text: words }).map(
    ({ text }): AgentEvent => ({
      type: 'plan.set',
      body: { ...base, entries: [{ text, state: 'doing' }] },
    }),
  ),
  fc.record({ call: id, title: words }).map(
    ({ call, title }): AgentEvent => ({
      type: 'approval.asked',
      body: {
        ...{ ...base, call, title, approval: `q${call}`, kind: 'edit', paths: [] },
        options: [{ id: 'y', kind: 'allow_once', label: 'Yes' }],
      },
    }),
  ),
  fc.constant<AgentEvent>({ type: 'turn.started', body: { run: RUN, turn: 't1', prompt: null } }),
  fc.constant<AgentEvent>({ type: 'turn.ended', body: { run: RUN, turn: 't1', reason: 'done' } }),
  words.map((line): AgentEvent => ({ type: 'agent.note', body: { run: RUN, turn: null, what: line, line } })),
);

const added: StoredEvent[] = [
  {
    type: 'agent.added',
    at: 1,
    by: OWNER,
    body: { agent: AGENT, name: 'one', definition: 'one', cwd: '/w' },
  },
  { type: 'agent.starting', at: 2, by: OWNER, body: { agent: AGENT, run: RUN, resume: null, attempt: 0 } },
];

export const lives: fc.Arbitrary<StoredEvent[]> = fc
  .array(event, { maxLength: 60, size: 'max' })
  .map((events) => [...added, ...events.map((one, i) => ({ ...one, at: 10 + i, by: OWNER }))]);
