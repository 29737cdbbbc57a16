/** Who commands a hosted agent, and what it is told (rules X2, X3): two homes, lost replies, leases that end, restarts of the node. */
import type { HostedEvents } from '@skein/protocol/machines/events';
import { emptySession, reduceSession } from '@skein/protocol/sessions/state';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { byHome, nextId, refusal, Worker, wanted } from './hosted.fixture.ts';

let worker: Worker;
let id: string;
let agent: string;
beforeEach(() => {
  worker = new Worker();
  worker.grant();
  const body = wanted();
  ({ id, agent } = body);
  worker.place(body);
  worker.runs(id);
});

const prompt = (text = 'hello') => ({ agent, prompt: nextId(), parts: [{ type: 'text', text }] });
const tell = (n: number, type: string, body: unknown, epoch = 1, facts?: unknown) =>
  worker.home(id, 'home.tell', { epoch, n, type, body }, facts);
const heard = () => worker.told<HostedEvents['home.heard']>(id, 'home.heard');

test('[X1] its home is called as this machine knows it, not as it calls itself', () => {
  const body = wanted({ node: 'theirs' });
  const facts = { grants: Object.values(worker.peers.grants), dir: '/w', workspaces: '/ws', node: 'ours' };
  worker.give('node', 'hosted.place', body, byHome, facts);
  expect(worker.told(body.id, 'session.hosted')).toMatchObject([{ node: 'ours' }]);
  expect(worker.told(body.id, 'member.joined')).toMatchObject([{ member: expect.anything(), name: 'ours' }]);
});

describe('[X2] what home tells', () => {
  test('is done once, in order, and answered as often as it is said', () => {
    const body = prompt();
    expect(tell(1, 'prompt.queue', body)).toEqual({ n: 1, heard: 1 });
    expect(tell(1, 'prompt.queue', body)).toEqual({ n: 1, heard: 1 });
    expect(refusal(() => tell(3, 'turn.cancel', { agent }))).toBe('out_of_order');
    expect(worker.told(id, 'prompt.queued')).toHaveLength(1);
  });

  test('is heard with its refusal where it is refused, and what comes next goes on', () => {
    for (const [n, [type, body, code]] of [
      ['turn.cancel', { agent }, 'no_turn'],
      ['prompt.queue', { agent: 'x' }, 'bad_request'],
      ['agent.add', { agent: nextId(), run: nextId(), definition: 'fake' }, 'unknown_command'],
      ['member.revoke', { member: 'x' }, 'unknown_command'],
      ['__proto__', {}, 'unknown_command'],
      ['home.answer', { ask: 'a1' }, 'gone'],
      ['agent.remove', { agent }, 'still_running'],
      ['agent.restart', { agent, run: nextId() }, 'limit_reached'],
    ].entries()) {
      tell(n + 1, type as string, body, 1, { full: true, taken: false });
      expect(heard().at(-1)).toMatchObject({ n: n + 1, error: { code } });
    }
    tell(9, 'prompt.queue', prompt());
    expect(heard().at(-1)).toEqual({ n: 9 });
  });

  test('is not heard while what was handed over for it is gone: it can be handed over again', () => {
    const body = { agent, prompt: nextId(), parts: [{ type: 'text', upload: 'u1' }] };
    expect(refusal(() => tell(1, 'prompt.queue', body))).toBe('upload_gone');
    expect(tell(1, 'prompt.queue', body, 1, { uploads: { u1: 'long' } })).toEqual({ n: 1, heard: 1 });
  });

  test('[X1] begins in a session of its own, never in what is left of another that was removed', () => {
    worker.tell(`session/${id}`, 'lease.end', { why: 'revoked' });
    worker.ends(id);
    worker.give('node', 'session.remove', { id, purge: false });
    const before = worker.events.get(`session/${id}`)?.length;
    expect(refusal(() => worker.place(wanted({ id })))).toBe('name_taken');
    expect(worker.events.get(`session/${id}`)).toHaveLength(before ?? 0);
  });

  test('[L8] that its agent is removed takes the session with it, and whatever is kept of it', () => {
    tell(1, 'agent.stop', { agent });
    worker.ends(id);
    tell(2, 'agent.remove', { agent });
    expect(worker.session(id).removed).toBe(true);
    expect(worker.effects.map(({ effect }) => effect.kind)).toContain('purge-session');
    expect(worker.node.sessions).toEqual(new Worker().node.sessions);
  });
});

describe('[X3] a hosted agent', () => {
  test("[A5] has one authority: nobody of either machine says anything but by the lease, and its user's stop", () => {
    const direct = (type: string, body: object = {}) => refusal(() => worker.home(id, type, body));
    const own = (type: string, body: object = {}) => refusal(() => worker.give(`session/${id}`, type, body));
    for (const type of [
      'prompt.queue',
      'agent.stop',
      'approval.answer',
      'ticket.make',
      'member.role',
      'run.signal',
    ])
      expect(direct(type)).toBe('lease_lost');
    for (const type of [
      'prompt.queue',
      'approval.answer',
      'agent.restart',
      'ticket.make',
      'member.revoke',
      'home.tell',
    ])
      expect(own(type)).toBe('not_allowed');
    expect(refusal(() => worker.give('node', 'session.rename', { id, name: 'x' }, byHome))).toBe(
      'not_allowed',
    );
    expect(own('agent.stop', { agent })).toBeUndefined();
  });

  test('whose lease has ended is stopped, even as it is being started again; that of a silent home may go on', () => {
    tell(1, 'agent.restart', { agent, run: nextId() });
    worker.tell(`session/${id}`, 'lease.end', { why: 'silent', epoch: 2 });
    expect(worker.session(id).hosted?.ended).toBeNull();
    worker.tell(`session/${id}`, 'lease.end', { why: 'silent', epoch: 1 });
    expect(
      worker.events.get(`session/${id}`)?.findLast(({ type }) => type === 'agent.stopping')?.body,
    ).toMatchObject({ why: expect.stringContaining('heard of') });
    worker.ends(id);
    expect(worker.life(id)).toBe('stopped');
    const other = wanted();
    worker.place(other, [worker.grant({ away: 'go-on' })]);
    worker.runs(other.id);
    worker.tell(`session/${other.id}`, 'lease.end', { why: 'silent', epoch: 1 });
    expect(worker.session(other.id).agents[other.agent]).toMatchObject({ life: 'running', stopping: false });
    worker.tell(`session/${other.id}`, 'lease.end', { why: 'revoked' });
    expect(worker.session(other.id).agents[other.agent]).toMatchObject({ stopping: true });
  });

  test('is commanded by one of two homes at a time, each thing told once and in order, whatever is lost', () => {
    type Step = { who: 0 | 1; do: 'take' | 'tell' | 'give' | 'silent' | 'renewed'; lost: boolean };
    const step: fc.Arbitrary<Step> = fc.record({
      who: fc.constantFrom(0 as const, 1 as const),
      do: fc.constantFrom('take', 'tell', 'tell', 'tell', 'give', 'silent', 'renewed'),
      lost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new Worker();
        const body = wanted();
        world.grant({ away: 'go-on' });
        world.place(body);
        world.runs(body.id);
        const say = (type: string, what: unknown) => world.home(body.id, type, what);
        // What each home believes, being the same device: the second was restored from a copy of the first.
        const homes = [0, 1].map((which) => ({
          which,
          epoch: 1,
          taker: body.taker,
          wants: 0,
          n: 0,
          taking: '',
          leased: true,
        }));
        /** What was heard, by who commanded then. */
        const done: { n: number; which: number; epoch: number }[] = [];
        /** Who has got each epoch; the first is in the copy as well. */
        const holders = new Map<number, number>();
        for (const { who, do: what, lost } of steps) {
          const home = homes[who] as (typeof homes)[number];
          const hosted = world.session(body.id).hosted;
          if (what === 'take') {
            if (home.taking === '') home.taking = nextId();
            const code = refusal(() => say('lease.take', { epoch: home.epoch + 1, taker: home.taking }));
            if (code === 'lease_lost') {
              // It is told the present one: who asks its user goes on from there.
              Object.assign(home, { epoch: hosted?.epoch ?? 0, taking: '', leased: false });
            } else {
              expect(holders.get(home.epoch + 1) ?? who).toBe(who);
              holders.set(home.epoch + 1, who);
              if (!lost)
                Object.assign(home, { epoch: home.epoch + 1, taker: home.taking, taking: '', leased: true });
            }
          } else if (what === 'tell' && home.leased) {
            const n = home.n + 1;
            const told = {
              agent: body.agent,
              prompt: nextId(),
              parts: [{ type: 'text', text: `${who} ${n}` }],
            };
            const before = world.told(body.id, 'home.heard').length;
            const code = refusal(() =>
              say('home.tell', { epoch: home.epoch, n, type: 'prompt.queue', body: told }),
            );
            const after = world.told(body.id, 'home.heard').length;
            if (hosted?.epoch !== home.epoch || hosted.ended !== null) expect(code).toBe('lease_lost');
            if (after > before) {
              expect(code).toBeUndefined();
              done.push({ n, which: who, epoch: home.epoch });
            } else expect(after).toBe(before);
            // What was heard of the other meanwhile is in the log, which each copies.
            if (code === undefined && !lost) home.n = Math.max(n, hosted?.heard ?? 0);
            if (code === 'out_of_order') home.n = hosted?.heard ?? 0;
          } else if (what === 'give') {
            refusal(() => say('lease.give', { epoch: home.epoch }));
          } else if (what === 'silent') {
            world.tell(`session/${body.id}`, 'lease.end', { why: 'silent', epoch: hosted?.epoch });
          } else if (what === 'renewed') {
            home.n = hosted?.heard ?? 0;
          }
        }
        const events = world.events.get(`session/${body.id}`) ?? [];
        // Each number once, in order; prompts were queued as often as was heard without a refusal.
        const numbers = world.told<HostedEvents['home.heard']>(body.id, 'home.heard');
        expect(numbers.map(({ n }) => n)).toEqual(numbers.map((_, i) => i + 1));
        expect(done.map(({ n }) => n)).toEqual(numbers.map(({ n }) => n));
        const fine = numbers.filter(({ error }) => error === undefined).length;
        expect(world.told(body.id, 'prompt.queued')).toHaveLength(fine);
        // What was done under an epoch lies between its taking and the next, and was its holder's.
        for (const { which, epoch } of done) expect(holders.get(epoch) ?? which).toBe(which);
        let present = 0;
        let over = false;
        for (const { type, body: told } of events) {
          if (type === 'lease.taken') {
            expect((told as { epoch: number }).epoch).toBe(present + 1);
            present += 1;
            over = false;
          } else if (type === 'lease.ended') over = true;
          else if (type === 'home.heard') expect(over).toBe(false);
        }
        // A node that begins anew knows the same.
        const again = events.reduce(
          (state, event, i) => reduceSession(state, event, i + 1),
          emptySession(body.id),
        );
        expect(again.hosted).toEqual(world.session(body.id).hosted);
      }),
      { numRuns: 200 },
    );
  });
});
