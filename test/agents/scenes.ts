/** What every agent is led through, each scene written once over what all of them can do. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printSteps, type Step } from '../model/marker.ts';
import { until } from '../support/processes.ts';
import type { RawAgent, Talk } from './raw-agent.ts';
import type { Site } from './site.ts';
import { type Launch, PATIENCE, Wire } from './wire.ts';

/** What a scene leaves for its test to judge; the processes' lines are in `runs`. */
export interface Played {
  /** By name: one process mostly, two where the first is killed. */
  runs: Record<string, Wire>;
  /** How the turns ended, in the agent's words, in order. */
  ends: string[];
  /** What the agent asked permission for. */
  questions: string[];
}

/** Starts processes of one agent for a scene. */
interface Stage {
  site: Site;
  played: Played;
  open(run: string, resume?: string): Promise<Talk & { wire: Wire }>;
}

type Scene = (stage: Stage, agent: RawAgent) => Promise<void>;

const say = (...steps: Step[]) => printSteps(steps);
const text = (words: string): Step => ({ step: 'text', text: words });
const hold = (gate: string): Step => ({ step: 'hold', gate });
const write = (path: string, content: string): Step => ({ step: 'write', path, content, together: false });
const shell = (command: string): Step => ({ step: 'shell', command, together: false });

async function asked({ played }: Stage, talk: Talk, allow: boolean): Promise<void> {
  const question = await talk.asked();
  played.questions.push(question.about);
  question.answer(allow);
}

async function ended({ played }: Stage, talk: Talk): Promise<void> {
  played.ends.push(await talk.ended());
}

/** The model holds, or the process that should have asked it has ended. */
async function held({ site }: Stage, gate: string, wire: Wire): Promise<void> {
  await wire.unlessItEnds(`the model to hold at ${gate}`, site.model.held(gate));
}

export const SCENES = {
  prompt: async (stage) => {
    const talk = await stage.open('prompt');
    talk.prompt(
      say({ step: 'think', text: 'let me see what is asked' }, text('Hello from the script, word by word.')),
    );
    await ended(stage, talk);
  },

  'write-allowed': async (stage) => {
    const talk = await stage.open('write-allowed');
    talk.prompt(say(text('I will write it.'), write('a.txt', 'AAA\nBBB\n'), text('It is written.')));
    await asked(stage, talk, true);
    await ended(stage, talk);
  },

  'write-denied': async (stage) => {
    const talk = await stage.open('write-denied');
    talk.prompt(say(write('b.txt', 'BBB\n'), text('So it is not.')));
    await asked(stage, talk, false);
    await ended(stage, talk);
  },

  'shell-allowed': async (stage) => {
    const talk = await stage.open('shell-allowed');
    talk.prompt(say(shell('echo one > c.txt; cat c.txt'), text('It ran.')));
    await asked(stage, talk, true);
    await ended(stage, talk);
  },

  cancel: async (stage) => {
    const talk = await stage.open('cancel');
    talk.prompt(say(text('I begin.'), hold('never'), text('Never said.')));
    await held(stage, 'never', talk.wire);
    talk.cancel();
    await ended(stage, talk);
    talk.prompt(say(text('The next turn.')));
    await ended(stage, talk);
  },

  'cancel-asking': async (stage) => {
    const talk = await stage.open('cancel-asking');
    talk.prompt(say(write('d.txt', 'DDD\n'), text('Never said.')));
    const question = await talk.asked();
    stage.played.questions.push(question.about);
    talk.cancel();
    question.withdraw?.();
    await ended(stage, talk);
  },

  queued: async (stage, agent) => {
    const talk = await stage.open('queued');
    talk.prompt(say(text('First.'), hold('first')));
    await held(stage, 'first', talk.wire);
    if (agent.queues) talk.prompt(say(text('Second.')));
    stage.site.model.release('first');
    await ended(stage, talk);
    if (!agent.queues) talk.prompt(say(text('Second.')));
    await ended(stage, talk);
  },

  'model-error': async (stage, agent) => {
    const talk = await stage.open('model-error');
    talk.prompt(say({ step: 'error', status: 400, message: 'the script says no' }));
    if (!agent.givesUp) {
      const { asked } = stage.site.model;
      const tries = () => asked.filter(({ conversation }) => conversation.tools.length > 0).length;
      await until('it asks the model again', () => tries() > 1, PATIENCE);
      talk.cancel();
    }
    await ended(stage, talk);
  },

  resume: async (stage, agent) => {
    const first = await stage.open('killed');
    first.prompt(say(text('Before the kill.')));
    await ended(stage, first);
    first.prompt(say(text('Cut off.'), hold('never')));
    await held(stage, 'never', first.wire);
    const session = first.session();
    await until('the session is kept', () => agent.kept(stage.site, session, 'Before the kill.'), PATIENCE);
    first.wire.kill();
    await first.wire.over();
    agent.age?.(stage.site);
    const second = await stage.open('resume', session);
    second.prompt(say(text('After the kill.')));
    await ended(stage, second);
  },

  'resume-unknown': async (stage, agent) => {
    const opened = stage.open('resume-unknown', agent.unknownSession);
    const reason = await opened.then(
      () => 'opened',
      () => 'refused',
    );
    stage.played.ends.push(reason);
  },
} satisfies Record<string, Scene>;

export type SceneName = keyof typeof SCENES;
export const SCENE_NAMES = Object.keys(SCENES) as SceneName[];

/** Plays one scene at a site of the caller's, and ends all processes of it whatever happens. */
export async function play(agent: RawAgent, command: string, scene: SceneName, site: Site): Promise<Played> {
  const played: Played = { runs: {}, ends: [], questions: [] };
  const open = async (run: string, resume?: string) => {
    const launch: Launch = { command, ...agent.launch(site, resume) };
    const wire = new Wire(launch);
    played.runs[run] = wire;
    return { ...(await agent.open(wire, site, resume)), wire };
  };
  try {
    const perform: Scene = SCENES[scene];
    await perform({ site, played, open }, agent);
  } finally {
    for (const wire of Object.values(played.runs)) await wire.stop();
  }
  return played;
}

/** The text of a file that the agent was to write, or undefined when it is not there. */
export function written(site: Site, path: string): string | undefined {
  const whole = join(site.cwd, path);
  return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined;
}
