/** What is special of programs in a terminal: hooks in any order, screens alone, people who type there themselves. */
import { pack } from '@skein/protocol/codec';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptsPrompt, type Input } from '../driver.ts';
import { Play } from '../play.fixture.ts';
import { ASKING, IDLE, WORKING } from './agent.fixture.ts';
import { ptySettings } from './options.ts';
import { read } from './screen.ts';
import { hookReply, type PtyState } from './state.ts';
import { pty } from './step.ts';

const driver = pty;
const CLAUDE = { options: { pty: { hooks: 'claude' } } };
const BARE = { options: { pty: { screen: { ready: '^> $|^>$', working: 'busy', waiting: '\\[y/n\\]' } } } };
const text = (play: Play) => play.writes.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');

let reports = 0;
const hook = (name: string, data: object = {}, waits = false, id = `h${++reports}`) =>
  JSON.stringify({ id, hook: name, data: { session_id: 's1', ...data }, ...(waits ? { waits } : {}) });
const write = { tool_name: 'Write', tool_input: { file_path: '/w/a.txt', content: 'A' } };
const show = (play: Play, screen: string, still = 0) => play.give({ type: 'screen', text: screen, still });

function claude(): Play {
  const play = new Play(driver, undefined, CLAUDE);
  play.print(hook('SessionStart', { source: 'startup' }));
  show(play, IDLE, 5_000);
  return play;
}

describe('with hooks', () => {
  test('[A7] [A4] a prompt is pasted whole and sent by one key, and only where the screen shows that it is waited for', () => {
    const play = new Play(driver, undefined, CLAUDE);
    play.print(hook('SessionStart', { source: 'startup' }));
    expect(acceptsPrompt(play.state)).toBe(false);
    for (const busy of [ASKING, WORKING, 'something else']) {
      show(play, busy, 60_000);
      expect(play.prompt('early')).toMatchObject([
        { type: 'agent.refused', body: { code: 'agent_not_ready' } },
      ]);
    }
    show(play, IDLE);
    play.prompt('p1', 'two\nlines');
    expect(text(play)).toBe('\x1b[200~two\nlines\x1b[201~\r');
    expect(acceptsPrompt(play.state)).toBe(false);
  });

  test('[A1] what somebody types at the terminal is a turn like any other, in their words', () => {
    const play = claude();
    play.print(hook('UserPromptSubmit', { prompt_id: 'a', prompt: 'Hello' }));
    play.print(hook('Stop', { prompt_id: 'a', last_assistant_message: 'Hi' }));
    expect(play.transcript.turns).toMatchObject([
      {
        prompt: null,
        end: 'done',
        items: [
          { type: 'message', from: 'user', text: 'Hello' },
          { type: 'message', from: 'agent', text: 'Hi' },
        ],
      },
    ]);
  });

  test('[A7] [A5] one that is answered at the terminal is asked nobody else, and its hook waits no more', () => {
    const play = claude();
    play.prompt('p1');
    play.print(
      hook('UserPromptSubmit', { prompt_id: 'a' }),
      hook('PreToolUse', { ...write, tool_use_id: 'c1' }),
    );
    play.print(hook('PermissionRequest', write, true, 'ask-1'));
    expect(play.of('approval.asked')).toMatchObject([{ call: 'c1', paths: ['/w/a.txt'] }]);
    expect(hookReply(play.state as PtyState, 'ask-1')).toBeUndefined();
    play.print(hook('PostToolUse', { ...write, tool_use_id: 'c1', tool_response: 'ok' }));
    expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
    expect(hookReply(play.state as PtyState, 'ask-1')).toBe('');
    expect(play.of('tool.finished')).toMatchObject([{ call: 'c1', end: 'done' }]);
  });

  test('[A5] its hook prints the answer that was given elsewhere, and what is always allowed as it had proposed it', () => {
    const play = claude();
    play.prompt('p1');
    const rules = [{ type: 'setMode', mode: 'acceptEdits', destination: 'session' }];
    play.print(hook('PermissionRequest', { ...write, permission_suggestions: rules }, true, 'ask-1'));
    play.answer('allow_always');
    expect(JSON.parse(hookReply(play.state as PtyState, 'ask-1') ?? '')).toEqual({
      hookSpecificOutput: {
        hookEventName: 'PermissionRequest',
        decision: { behavior: 'allow', updatedPermissions: rules },
      },
    });
    play.print(hook('PermissionRequest', write, true, 'ask-2'));
    play.answer('deny_once', 'Not there.');
    expect(JSON.parse(hookReply(play.state as PtyState, 'ask-2') ?? '')).toMatchObject({
      hookSpecificOutput: { decision: { behavior: 'deny', message: 'Not there.' } },
    });
  });

  test('[A5] a question whose hook was ended is withdrawn', () => {
    const play = claude();
    play.prompt('p1');
    play.print(hook('PermissionRequest', write, true, 'ask-1'), JSON.stringify({ id: 'g', gone: 'ask-1' }));
    expect(play.of('approval.resolved')).toMatchObject([{ outcome: 'withdrawn' }]);
    expect(play.state.approvals).toEqual([]);
  });

  test('[A7] a turn that is interrupted at the terminal, of which no hook tells, ends as its screen shows it', () => {
    const play = claude();
    play.print(hook('UserPromptSubmit', { prompt_id: 'a', prompt: 'Hello' }));
    show(play, WORKING);
    show(play, IDLE, 1_000);
    expect(play.of('turn.ended')).toEqual([]);
    show(play, IDLE, 5_000);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'cancelled' }]);
    expect(play.of('agent.note').at(-1)?.what).toMatch(/^guessed/);
    // What its hooks tell of it afterwards changes nothing.
    play.print(hook('Stop', { prompt_id: 'a' }), hook('UserPromptSubmit', { prompt_id: 'a' }));
    expect(play.of('turn.started')).toHaveLength(1);
    play.print(hook('UserPromptSubmit', { prompt_id: 'b', prompt: 'Again' }));
    expect(play.of('turn.started')).toHaveLength(2);
  });

  test('[A4] keys that a program was not awake for are pressed again, but never into a question', () => {
    const play = claude();
    play.prompt('p1', 'Hi');
    const unsent = '❯ Hi\n\n  ? for shortcuts';
    show(play, unsent, 100);
    expect(text(play)).toBe('\x1b[200~Hi\x1b[201~\r');
    show(play, ASKING, 5_000);
    expect(text(play)).toBe('\x1b[200~Hi\x1b[201~\r');
    for (let i = 0; i < 9; i++) show(play, unsent, 1_000);
    expect(text(play)).toBe('\x1b[200~Hi\x1b[201~\r\r\r');
  });

  test('[A1] a prompt that a program did not take has failed, and is not given again', () => {
    const play = claude();
    play.prompt('p1', 'Hi');
    show(play, IDLE, 5_000);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'failed' }]);
    expect(text(play)).toBe('\x1b[200~Hi\x1b[201~\r');
  });

  test('[A1] what is typed and begins no turn (a command of the program itself) is over when it waits for a prompt', () => {
    const play = claude();
    play.prompt('p1', '/clear');
    show(play, IDLE, 500);
    expect(play.of('turn.ended')).toEqual([]);
    show(play, IDLE, 5_000);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
  });

  test('[A6] one that is started again goes on with its own session', () => {
    const spec = { run: 'r', cwd: '/w', client: { name: 'skein', version: '1' }, ...CLAUDE };
    expect(driver.args(spec)).toEqual([]);
    expect(driver.args({ ...spec, resume: { session: 's1', history: 'known' }, model: 'opus' })).toEqual([
      ...['--resume', 's1', '--model', 'opus'],
    ]);
  });

  const anyHook = fc.oneof(
    fc.constantFrom('a', 'b', 'c').chain((turn) =>
      fc
        .constantFrom(
          ...['UserPromptSubmit', 'PreToolUse', 'PermissionRequest', 'PostToolUse', 'PostToolUseFailure'],
          ...['Stop', 'StopFailure', 'Notification', 'SessionStart', 'SessionEnd'],
        )
        .chain((name) =>
          fc.record({
            id: fc.constantFrom(...Array.from({ length: 30 }, (_, i) => `r${i}`)),
            hook: fc.constant(name),
            waits: fc.constant(name === 'PermissionRequest'),
            data: fc.constantFrom('c1', 'c2', 'c3').map((call) => ({
              ...{ session_id: 's1', prompt_id: turn, prompt: 'Do', last_assistant_message: 'Done' },
              ...{ ...write, tool_use_id: call, tool_response: {} },
            })),
          }),
        ),
    ),
    fc.record({ id: fc.string({ minLength: 1, maxLength: 8 }), gone: fc.constantFrom('r1', 'r2', 'r3') }),
  );
  const anyInput: fc.Arbitrary<Input | string> = fc.oneof(
    { weight: 4, arbitrary: anyHook.map((report) => JSON.stringify(report)) },
    fc.record({
      type: fc.constant('screen' as const),
      text: fc.constantFrom(IDLE, WORKING, ASKING, 'odd', ''),
      still: fc.constantFrom(0, 1_000, 60_000),
    }),
    fc.constant<Input>({ type: 'cancel' }),
    fc.nat(5).map((n): Input => ({ type: 'prompt', prompt: `p${n}`, parts: [{ type: 'text', text: 'x' }] })),
  );

  test('[A7] hooks in any order, repeated or missing, make turns that begin once, end once, and leave no hook waiting', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
        const play = new Play(driver, undefined, CLAUDE);
        for (const input of inputs) typeof input === 'string' ? play.print(input) : play.give(input);
        play.give({ type: 'exit', code: 0, signal: null });
        let open: string | null = null;
        for (const { type, body } of play.events) {
          if (type === 'turn.started') {
            expect(open).toBeNull();
            open = body.turn;
          } else if (type === 'turn.ended') {
            expect(body.turn).toBe(open);
            open = null;
          }
        }
        expect(open).toBeNull();
        for (const { call } of play.of('tool.finished'))
          expect(play.of('tool.announced').map((one) => one.call)).toContain(call);
        const settled = play.of('approval.resolved').length + play.of('approval.orphaned').length;
        expect(settled).toBe(play.of('approval.asked').length);
        for (let i = 0; i < 30; i++) expect(hookReply(play.state as PtyState, `r${i}`)).toBeDefined();
        expect(pack(play.state).length).toBeLessThan(64 * 1024);
      }),
      { numRuns: 300 },
    );
  });
});

describe('by its screen alone', () => {
  function bare(): Play {
    const play = new Play(driver, undefined, BARE);
    show(play, 'Welcome\n>');
    return play;
  }

  test('[A7] turns are guessed, and said to be', () => {
    const play = bare();
    expect(play.of('agent.ready')).toHaveLength(1);
    play.prompt('p1');
    show(play, 'busy\n> hm', 0);
    show(play, 'done\n>', 100);
    expect(play.of('turn.ended')).toEqual([]);
    show(play, 'done\n>', 800);
    expect(play.of('turn.ended')).toMatchObject([{ reason: 'done' }]);
    show(play, 'busy');
    expect(play.of('turn.started')).toMatchObject([{ prompt: 'p1' }, { prompt: null }]);
    expect(play.of('agent.note').map(({ what }) => what)).toEqual([
      'guessed: turn.ended',
      'guessed: turn.started',
    ]);
  });

  test('[A1] a question is of the turn that runs, though a call of the same words was never said to be over', () => {
    const play = bare();
    for (const [prompt, question] of Object.entries({ p1: 'ask-1', p2: 'ask-2' })) {
      play.prompt(prompt);
      show(play, 'busy');
      play.print(hook('PermissionRequest', write, true, question));
      play.answer('allow_once');
      show(play, `done ${prompt}\n>`, 800);
    }
    const asked = play.of('approval.asked').map(({ turn, call }) => ({ turn, call }));
    expect(asked).toEqual([
      { turn: 't1', call: 'ask-1' },
      { turn: 't2', call: 'ask-2' },
    ]);
    expect(play.of('turn.ended').map(({ reason }) => reason)).toEqual(['done', 'done']);
  });

  test('[A7] [A4] nothing is typed into a question', () => {
    const play = bare();
    show(play, 'Sure? [y/n]\n>');
    play.prompt('p1');
    expect(play.writes).toEqual([]);
    expect(play.of('agent.refused')).toMatchObject([{ code: 'agent_not_ready' }]);
  });

  test('[A7] screens cut anywhere are lived through', () => {
    const cuts = fc.tuple(fc.constantFrom(IDLE, WORKING, ASKING), fc.nat(200), fc.nat(200));
    fc.assert(
      fc.property(fc.array(cuts), (all) => {
        const play = claude();
        for (const [screen, from, to] of all) show(play, screen.slice(from, to), 60_000);
        expect(play.of('turn.started')).toEqual([]);
      }),
    );
  });
});

describe('reading a screen', () => {
  const { screen } = ptySettings(CLAUDE.options.pty);

  test("[A1] Claude Code's question, its work, and its empty input are told apart", () => {
    expect(read(screen, IDLE)).toBe('ready');
    expect(read(screen, WORKING)).toBe('working');
    expect(read(screen, ASKING)).toBe('waiting');
    expect(read(screen, '❯ half a sentence\n──\n  ? for shortcuts')).toBeUndefined();
    expect(read(screen, '❯ Press up to edit queued messages\n──')).toBeUndefined();
  });

  test('[A1] what scrolled up, or was only said, is not what it is at', () => {
    const said = `● Press esc to interrupt\n${'line\n'.repeat(20)}${IDLE}`;
    expect(read(screen, said)).toBe('ready');
  });
});
