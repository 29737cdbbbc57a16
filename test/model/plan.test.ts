/** The plan: a reply is a function of the request, and a script is walked from its first step to its last. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCalmStep } from './arbitrary.ts';
import { isTool, parseSteps, printSteps, type Step } from './marker.ts';
import { AFTER_LAST_CALL, type Conversation, type Entry, nextReply, type Part } from './plan.ts';
import { callFor, type Tool } from './tools.ts';

const TOOLS: Tool[] = [
  { name: 'Write', freeform: false, schema: { properties: { file_path: {}, content: {} } } },
  {
    name: 'Bash',
    freeform: false,
    schema: { properties: { command: {} }, required: ['command', 'description'] },
  },
];

function asked(entries: Entry[], tools = TOOLS): Conversation {
  return { entries, tools, system: '', answer: undefined };
}

/** Plays an agent that does all it is told, to the reply without a call. */
function walk(entries: Entry[]): { parts: Part[]; entries: Entry[] } {
  const parts: Part[] = [];
  const history = [...entries];
  for (;;) {
    const reply = nextReply(asked(history));
    const calls = reply.filter((part) => part.part === 'call').length;
    parts.push(...reply);
    history.push({ from: 'assistant', calls });
    if (calls === 0) return { parts, entries: history };
  }
}

const kindOf = (step: Step) => (isTool(step) ? 'call' : step.step);

describe('a script', () => {
  test('is walked whole and in order, each step once, "done" behind a last call', () => {
    fc.assert(
      fc.property(fc.array(anyCalmStep, { minLength: 1 }), (steps) => {
        const { parts } = walk([{ from: 'user', text: printSteps(steps) }]);
        const last = steps.at(-1);
        const end = last !== undefined && isTool(last) ? ['text'] : [];
        expect(parts.map((part) => part.part)).toEqual([...steps.map(kindOf), ...end]);
        if (end.length > 0) expect(parts.at(-1)).toEqual({ part: 'text', text: AFTER_LAST_CALL });
      }),
    );
  });

  test('is not changed by what was before, but for the ids of its calls, which are new', () => {
    const scripts = fc.array(fc.array(anyCalmStep, { minLength: 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(scripts, (all) => {
        let history: Entry[] = [];
        const ids: string[] = [];
        for (const steps of all) {
          const text = printSteps(steps);
          const { parts, entries } = walk([...history, { from: 'user', text }]);
          expect(withoutIds(parts)).toEqual(withoutIds(walk([{ from: 'user', text }]).parts));
          ids.push(...parts.flatMap((part) => (part.part === 'call' ? [part.id] : [])));
          history = entries;
        }
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('takes what users are made to say without markers for no script', () => {
    const entries: Entry[] = [
      { from: 'user', text: '[[write a A]] [[text end]]' },
      { from: 'assistant', calls: 1 },
      { from: 'user', text: 'a reminder that the agent puts in' },
    ];
    expect(nextReply(asked(entries))).toEqual([{ part: 'text', text: 'end' }]);
  });
});

function withoutIds(parts: Part[]): Part[] {
  return parts.map((part) => (part.part === 'call' ? { ...part, id: '' } : part));
}

describe('the tools', () => {
  const steps = parseSteps('[[write a.txt A]]').filter(isTool);
  const [write] = steps;
  if (write === undefined) throw new Error('the marker is a tool');

  test('get an absolute path where the directory is told, else the path as it is', () => {
    const told = { ...asked([{ from: 'user', text: '<cwd>/w</cwd> [[write a.txt A]]' }]) };
    expect(nextReply(told)).toMatchObject([
      { call: { name: 'Write', input: { file_path: '/w/a.txt', content: 'A' } } },
    ]);
    expect(callFor(write, TOOLS, undefined)).toMatchObject({ input: { file_path: 'a.txt' } });
  });

  test('are replaced by the shell where one is missing, with its required words', () => {
    expect(callFor(write, TOOLS.slice(1), undefined)).toEqual({
      name: 'Bash',
      freeform: false,
      input: { command: "printf %s 'A' > 'a.txt'", description: 'scripted' },
    });
  });

  test('are a patch where patches are offered', () => {
    expect(callFor(write, [{ name: 'apply_patch', freeform: true, schema: {} }], '/w')).toEqual({
      name: 'apply_patch',
      freeform: true,
      input: '*** Begin Patch\n*** Add File: a.txt\n+A\n*** End Patch',
    });
  });

  test('that cannot be mapped are said, not called', () => {
    expect(nextReply(asked([{ from: 'user', text: '[[shell ls]]' }], TOOLS.slice(0, 1)))).toEqual([
      { part: 'text', text: 'no tool for shell' },
    ]);
  });

  test('asked for none: a short answer, in the form that was asked for', () => {
    const script: Entry[] = [{ from: 'user', text: '[[write a A]]' }];
    expect(nextReply(asked(script, []))).toEqual([{ part: 'text', text: 'ok' }]);
    const answer = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
    expect(nextReply({ ...asked(script, []), answer })).toEqual([{ part: 'text', text: '{"title":"ok"}' }]);
  });
});
