/** What the scenes need of an agent, so that each is written once: its process, and how to say things in its protocol. */
import type { AgentName } from '../../scripts/agents/pins.ts';
import type { SceneName } from './scenes.ts';
import type { Place } from './site.ts';
import type { Launch, Wire } from './wire.ts';

export interface RawAgent {
  name: AgentName;
  /** Whether it takes a prompt during a turn and gives it a turn of its own afterwards. */
  queues: boolean;
  /** Whether a refusal of the model ends the turn; else it asks again, silently, until it is cancelled. */
  givesUp: boolean;
  /** How the turns of each scene end, or end as well where that is up to the agent's timing, and how many questions it asks. */
  expects: Record<SceneName, { ends: string[]; orEnds?: string[]; asked: number }>;
  /** How to start it; writes its settings into the site's home. */
  launch(site: Place, resume: string | undefined): Omit<Launch, 'command'>;
  /** A session id of the agent's form, which it never gave. */
  unknownSession: string;
  /** Whether the session's file says `text`, so that a resume will find it; agents write late. */
  kept(site: Place, session: string, text: string): boolean;
  /** Makes what was kept as old as the agent needs it to be, without waiting. */
  age?(site: Place): void;
  /** Shakes hands and opens a session, or takes up an earlier one. */
  open(wire: Wire, site: Place, resume: string | undefined): Promise<Talk>;
}

/** A conversation in an agent's own words. */
export interface Talk {
  /** By which the agent finds this conversation again. */
  session(): string;
  prompt(text: string): void;
  cancel(): void;
  /** The agent's next permission question. */
  asked(): Promise<Question>;
  /** How the turn ended, as the agent says it. */
  ended(): Promise<string>;
}

export interface Question {
  /** What the tool would do, as the agent tells it. */
  about: string;
  answer(allow: boolean): void;
  /** Answers a question whose turn is being cancelled, where the protocol wants that. */
  withdraw?(): void;
}
