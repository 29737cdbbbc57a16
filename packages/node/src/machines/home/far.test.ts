/** What home decides about agents on other machines: copied exactly once, told in order, commanded under one lease (rules X2, X3, A4, A5). */
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../kernel/types.ts';
import { homeTells } from '../worker/tell.ts';
import {
  AGENT,
  copy,
  far,
  home,
  LOG,
  Log,
  PEER,
  READY,
  RUN,
  ready,
  refusal,
  SESSION,
  said,
  worker,
} from './far.fixture.ts';

const prompt = (log: Log, id: string) =>
  log.do('prompt.queue', { agent: AGENT, prompt: id, parts: [{ type: 'text', text: id }] }, LOCAL_OWNER);
describe('[X2] what an agent elsewhere did', () => {
  test('is recorded with its own time and place, and only what is home’s to have', () => {
    const [here] = ready(
      { type: 'prompt.queued', body: { agent: AGENT, prompt: 'p', parts: [], preview: '' } },
      said('a'),
      { type: 'home.heard', body: { n: 4 } },
    );
    const copied = here.events.filter(({ source }) => source !== undefined);
    // That its first run was about to start was known.
    expect(copied.map(({ type }) => type)).toEqual([
      'agent.started',
      'agent.ready',
      'message.delta',
      'far.heard',
    ]);
    expect(copied[2]).toMatchObject({
      at: 5_000,
      source: { agent: AGENT, epoch: LOG, offset: 5, by: { kind: 'node' } },
    });
    expect(far(here).cursor).toEqual({ epoch: LOG, offset: 6 });
    expect(here.state.agents[AGENT]?.life).toBe('running');
  });

  test('is there once and in order, wherever pages are cut, links lost, and home killed', () => {
    const step = fc.record({
      write: fc.nat(3),
      at: fc.constantFrom('cursor', 'before', 'begin', 'beyond'),
      count: fc.nat(5),
      // Before the commit nothing of it has happened; after it only the news of it is lost.
      killed: fc.constantFrom('no', 'before', 'after'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [here, there] = [home(), worker()];
        let n = 0;
        for (const { write, at, count, killed } of steps) {
          there.record(
            Array.from({ length: write }, (_, i) =>
              i === 1 ? { type: 'session.renamed', body: { name: 'x' } } : said(`${n++} `),
            ),
          );
          const known = far(here).cursor?.offset ?? 0;
          const from = { cursor: known, before: Math.max(0, known - 1), begin: 0, beyond: known + 1 }[at];
          const before = { state: here.state, events: [...here.events] };
          if (from !== known) expect(refusal(() => copy(here, there, from, count)).code).toBe('gone');
          else copy(here, there, from, count);
          if (killed === 'before') Object.assign(here, before);
        }
        copy(here, there);
        const texts = (log: Log) =>
          log.of('message.delta').map(({ body }) => (body as { text: string }).text);
        expect(texts(here)).toEqual(texts(there));
        // What was read again from the log is what was there.
        const again = new Log(SESSION);
        again.events = [];
        for (const { type, body, at, source } of here.events)
          again.record([{ type, body, ...(source === undefined ? {} : { copied: { at, source } }) }]);
        expect(again.state.far).toEqual({ [AGENT]: { ...far(here), since: expect.any(Number) } });
      }),
      { numRuns: 200 },
    );
  });

  test('of a log that has begun anew goes on behind what both have', () => {
    const [here, there] = ready(said('a'));
    here.do('far.gap', { agent: AGENT, epoch: 78, offset: 3, why: 'It was repaired.' });
    there.record([said('b')]);
    expect(refusal(() => copy(here, there, 4)).code).toBe('gone');
    copy(here, there, 4 - 1, 10, 78);
    expect(far(here).cursor).toEqual({ epoch: 78, offset: 5 });
  });

  test('a worker that lies about whom it tells of is not believed', () => {
    const here = home();
    here.do('agent.add', { agent: 'oooooooooooo', run: 'rrrrrrrrrrrr', definition: 'claude' }, LOCAL_OWNER);
    const there = worker(
      { type: 'agent.exited', body: { run: 'rrrrrrrrrrrr', code: 0, signal: null, stderr: '' } },
      { type: 'agent.stopping', body: { agent: 'oooooooooooo' } },
      { type: 'agent.starting', body: { agent: AGENT, run: 'rrrrrrrrrrrr', resume: null, attempt: 0 } },
      { type: 'member.joined', body: { member: 'm' } },
      { type: 'far.leased', body: { agent: AGENT, epoch: 9, heard: 0 } },
      { type: 'message.delta', body: { run: RUN, from: 'agent', text: 7 } },
    );
    copy(here, there);
    expect(here.state.agents.oooooooooooo).toMatchObject({
      life: 'starting',
      stopping: false,
      run: { run: 'rrrrrrrrrrrr' },
    });
    expect(here.state.members).toEqual({});
    expect(far(here)).toMatchObject({ epoch: 1, cursor: { offset: 9 } });
    expect(here.state.agents[AGENT]?.run?.run).toBe(RUN);
  });
});

describe('[X3] what an agent elsewhere is told', () => {
  test('[A4] a prompt is handed over when it is idle, and can be changed until then', () => {
    const [here, there] = ready();
    prompt(here, 'pppppppppppp');
    prompt(here, 'qqqqqqqqqqqq');
    expect(far(here).unheard).toEqual([
      {
        n: 1,
        type: 'prompt.queue',
        body: { agent: AGENT, prompt: 'pppppppppppp', offset: expect.any(Number) },
      },
    ]);
    const edit = (id: string) =>
      here.do('prompt.edit', { agent: AGENT, prompt: id, parts: [{ type: 'text', text: 'x' }] }, LOCAL_OWNER);
    expect(refusal(() => edit('pppppppppppp')).code).toBe('gone');
    edit('qqqqqqqqqqqq');
    there.record([
      { type: 'home.heard', body: { n: 1 } },
      { type: 'turn.started', body: { run: RUN, turn: 't', prompt: 'pppppppppppp' } },
    ]);
    copy(here, there);
    expect(here.state.agents[AGENT]).toMatchObject({ turn: { prompt: 'pppppppppppp', by: LOCAL_OWNER } });
    expect(far(here).unheard).toEqual([]);
    there.record([{ type: 'turn.ended', body: { run: RUN, turn: 't', reason: 'done' } }]);
    copy(here, there);
    expect(far(here).unheard.map(({ n, body }) => [n, (body as { prompt: string }).prompt])).toEqual([
      [2, 'qqqqqqqqqqqq'],
    ]);
  });

  test('a prompt that it is refused waits no longer, and that is said', () => {
    const [here, there] = ready();
    prompt(here, 'pppppppppppp');
    there.record([{ type: 'home.heard', body: { n: 1, error: { code: 'too_large', message: 'No.' } } }]);
    copy(here, there);
    expect(here.state.agents[AGENT]?.queue).toEqual([]);
    expect(here.of('agent.refused')[0]?.body).toMatchObject({
      run: RUN,
      input: 'prompt',
      id: 'pppppppppppp',
    });
  });

  test('[A4] a prompt that came when it had ended waits for its next run, and nothing names what home does not have', () => {
    const [here, there] = ready();
    prompt(here, 'pppppppppppp');
    here.do('agent.mode', { agent: AGENT, mode: 'plan' }, LOCAL_OWNER);
    const error = { code: 'not_running', message: 'skein restart home-api-fake/fake' };
    there.record([
      { type: 'agent.stopping', body: { agent: AGENT } },
      { type: 'agent.exited', body: { run: RUN, code: null, signal: 15, stderr: '' } },
      { type: 'home.heard', body: { n: 1, error } },
      { type: 'home.heard', body: { n: 2, error } },
    ]);
    copy(here, there);
    expect(here.state.agents[AGENT]?.queue.map(({ prompt: id }) => id)).toEqual(['pppppppppppp']);
    expect(far(here)).toMatchObject({ unheard: [], given: null });
    expect(here.of('agent.refused').map(({ body }) => body)).toEqual([
      expect.objectContaining({ input: 'mode', message: expect.stringContaining('skein restart api/fake') }),
    ]);
    const run = 'eeeeeeeeeeee';
    there.record(READY.map(({ type, body }) => ({ type, body: { ...(body as object), run } })));
    copy(here, there);
    expect(far(here).unheard).toMatchObject([{ n: 3, body: { prompt: 'pppppppppppp' } }]);
  });

  test('[A5] the first answer counts, whoever gives it: the worker’s policy, home’s, or a person', () => {
    const options = [
      { id: 'y', kind: 'allow_once', label: 'Yes' },
      { id: 'n', kind: 'deny_once', label: 'No' },
    ];
    const asked = (approval: string): NewEvent => ({
      type: 'approval.asked',
      body: { run: RUN, turn: 't', call: 'c', approval, title: 'x', kind: 'edit', paths: [], options },
    });
    const theirs = { agent: AGENT, run: RUN, approval: 'a1', outcome: 'denied', option: 'n', rule: 'p:1' };
    const [here, there] = ready(asked('a1'), { type: 'approval.answered', body: theirs }, asked('a2'));
    expect(here.state.approvals.a1?.answered).toMatchObject({ outcome: 'denied', rule: 'p:1' });
    const answer = { approval: 'a2', answer: 'allow' as const, always: false };
    expect(refusal(() => here.do('approval.answer', { ...answer, approval: 'a1' }, LOCAL_OWNER)).code).toBe(
      'already_answered',
    );
    here.do('approval.answer', answer, LOCAL_OWNER);
    expect(far(here).unheard).toEqual([
      { n: 1, type: 'approval.answer', body: { approval: 'a2', answer: { option: 'y' }, always: false } },
    ]);
    const at = far(here).cursor?.offset ?? 0;
    there.record([asked('a3')]);
    const mine = { approval: 'a3', run: RUN, outcome: 'allowed', option: 'y', rule: 'q:1' };
    here.do('far.copy', {
      agent: AGENT,
      epoch: LOG,
      from: at,
      events: there.events.slice(at),
      answers: [mine],
    });
    expect(here.state.approvals.a3?.answered).toMatchObject({ rule: 'q:1' });
    expect(far(here).unheard.map(({ n }) => n)).toEqual([1, 2]);
  });

  test('is done in order and once, whatever of the telling is lost', () => {
    const step = fc.constantFrom('wish', 'tell', 'tell, and the reply is lost', 'tell again', 'hear');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [here, there] = ready();
        there.state = { ...there.state, hosted: { ...HOSTED_STATE } };
        there.record([
          { type: 'agent.added', body: { agent: AGENT, name: 'f', definition: 'f', cwd: '/' } },
          ...READY,
        ]);
        let wishes = 0;
        const tell = (n: number) => {
          const one = far(here).unheard[n];
          const { hosted } = there.state;
          if (one === undefined || hosted === null) return;
          const told = { epoch: 1, n: one.n, type: one.type, body: one.body };
          const decided = () => homeTells(there.state, hosted, told, { is: 'local' }, there.context());
          if (one.n > hosted.heard + 1) expect(refusal(decided).code).toBe('out_of_order');
          else there.record(decided().events ?? []);
        };
        for (const what of steps) {
          if (what === 'wish') here.do('agent.mode', { agent: AGENT, mode: `m${wishes++}` }, LOCAL_OWNER);
          else if (what === 'hear') copy(here, there);
          else if (what === 'tell again') tell(1);
          else tell(0);
        }
        while (far(here).unheard.length > 0) {
          tell(0);
          copy(here, there);
        }
        const done = there.of('agent.chosen').map(({ body }) => (body as { value: string }).value);
        expect(done).toEqual(Array.from({ length: wishes }, (_, i) => `m${i}`));
      }),
      { numRuns: 100 },
    );
  });

  test('a home restored from a copy takes the next lease, and what it tells is not taken for what was told since the copy', () => {
    const [here] = ready();
    here.do('agent.mode', { agent: AGENT, mode: 'before' }, LOCAL_OWNER);
    here.do('far.lease', { agent: AGENT, epoch: 2, taker: 'restored' });
    here.do('agent.mode', { agent: AGENT, mode: 'after' }, LOCAL_OWNER);
    // The worker has heard five of another life of this home.
    here.do('far.got', { agent: AGENT, epoch: 2, taker: 'restored', heard: 5 });
    expect(far(here).unheard.map(({ n, body }) => [n, (body as { mode: string }).mode])).toEqual([
      [6, 'after'],
    ]);
    expect(far(here)).toMatchObject({ n: 6, leased: true, epoch: 2 });
  });

  test('who has lost the lease is told so, commands nothing, and takes it back only when somebody says so', () => {
    const [here] = ready();
    prompt(here, 'pppppppppppp');
    here.do('far.lost', { agent: AGENT, was: 1, epoch: 4, why: 'Another home commands it.' });
    expect(far(here)).toMatchObject({ leased: false, epoch: 4, unheard: [], given: null });
    for (const [type, body] of [
      ['agent.stop', { agent: AGENT }],
      ['agent.mode', { agent: AGENT, mode: 'x' }],
    ] as const)
      expect(refusal(() => here.do(type, body, LOCAL_OWNER)).code).toBe('lease_lost');
    expect(refusal(() => here.do('far.lease', { agent: AGENT, epoch: 5, taker: 'x' })).code).toBe('gone');
    here.do('agent.restart', { agent: AGENT, run: 'eeeeeeeeeeee', fresh: false }, LOCAL_OWNER);
    expect(far(here)).toMatchObject({ epoch: 5, leased: false, unleased: null, unheard: [] });
    here.do('far.got', { agent: AGENT, epoch: 5, taker: 'eeeeeeeeeeee', heard: 9 });
    expect(far(here).unheard.map(({ n, type }) => [n, type])).toEqual([
      [10, 'agent.restart'],
      [11, 'prompt.queue'],
    ]);
  });
});

const HOSTED_STATE = {
  ...{ home: PEER, node: 'laptop', session: SESSION, name: 'api', agent: AGENT, grant: 'g', term: 60_000 },
  ...{ away: 'stop', claims: 'hold', epoch: 1, taker: 't', by: PEER, ended: null, heard: 0, asks: [] },
} as const as NonNullable<Log['state']['hosted']>;
