/**
 * A chat without a terminal: what is said is printed as it comes, lines that are read are prompts, and commands of ours work
 * as they do on the screen. When there is nothing more to read, it ends once the agent has done what it was given.
 */

import { createInterface } from 'node:readline';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { complain, print, printJson, writeAll } from '../output/write.ts';
import { answerMeant } from '../tasks/answer-meant.ts';
import { Actions } from './actions.ts';
import { askedOf } from './asked.ts';
import { Feed } from './feed.ts';
import { parseCommand } from './input/commands.ts';
import type { Link } from './link.ts';
import { SessionModel } from './model/session-model.ts';
import { PlainWriter } from './plain-writer.ts';

export class PlainChat {
  readonly #link: Link;
  readonly #json: boolean;
  readonly #model: SessionModel;
  readonly #actions: Actions;
  readonly #feed: Feed;
  readonly #writer: PlainWriter;
  #live: (() => void) | undefined;
  #over: (() => void) | undefined;
  /** Nothing more will be read; commands under way; and prompts that were given and have not been done. */
  #read = false;
  #sending = 0;
  readonly #given = new Map<string, string | undefined>();
  #status = 0;

  constructor(link: Link, json: boolean) {
    this.#link = link;
    this.#json = json;
    const { id, you } = link.session;
    this.#model = new SessionModel(id, you, link.session);
    this.#actions = new Actions(link.client, id);
    this.#writer = new PlainWriter(this.#model, (text) => writeAll(1, text));
    this.#feed = new Feed(link.client, `session/${id}`, {
      event: (event, offset) => this.#event(event, offset),
      page: () => this.#look(),
      live: () => this.#live?.(),
      startOver: () => complain('The log was set back; what follows begins anew.'),
    });
  }

  async run(): Promise<number> {
    const live = new Promise<void>((resolve) => {
      this.#live = resolve;
    });
    const over = new Promise<void>((resolve, reject) => {
      this.#over = resolve;
      this.#feed.run().catch(reject);
    });
    // Told to end, it has not done what it was given: a script sees that by the status.
    const stops = Object.entries({ SIGTERM: 143, SIGHUP: 129, SIGINT: 130 }).map(([signal, status]) => {
      const end = () => {
        this.#status = status;
        this.#over?.();
      };
      process.once(signal, end);
      return () => process.off(signal, end);
    });
    try {
      await Promise.race([live, over]);
      const { client, session } = this.#link;
      if (this.#model.lacks(session)) this.#model.complete(await client.ask('session', { ref: session.id }));
      const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
      lines.on('line', (line) => void this.#line(line));
      lines.on('close', () => {
        this.#read = true;
        this.#look();
      });
      await over;
      lines.close();
      this.#writer.end();
      return this.#status;
    } finally {
      for (const stop of stops) stop();
      this.#feed.stop();
      this.#link.client.close();
    }
  }

  connection(state: 'lost' | 'back'): void {
    complain(state === 'lost' ? 'Cut off; trying again.' : 'Connected again.');
  }

  get #agent(): string | undefined {
    return this.#link.agent ?? this.#model.agents[0]?.agent;
  }

  #event(event: StoredEvent, offset: number): void {
    this.#model.apply(event, offset);
    if (this.#given.size > 0) this.#follow(event);
    if (this.#json) printJson({ offset, at: event.at, type: event.type, by: event.by, body: event.body });
    else this.#writer.event(event, this.#agent);
  }

  /** A prompt of ours goes from the queue to a turn, and with that to its end. */
  #follow({ type, body }: StoredEvent): void {
    const { prompt, turn } = body as { prompt?: string; turn?: string };
    if (type === 'prompt.cancelled' && prompt !== undefined) this.#given.delete(prompt);
    if (type === 'turn.started' && prompt != null && this.#given.has(prompt)) this.#given.set(prompt, turn);
    if (type === 'turn.ended')
      for (const [given, its] of this.#given)
        if (its === turn) this.#ended(given, body as { reason: string });
  }

  #ended(given: string, { reason }: { reason: string }): void {
    this.#given.delete(given);
    if (reason !== 'done') this.#status = 1;
  }

  /** Whether all is done that is to be. */
  #look(): void {
    if (!this.#read || this.#sending > 0) return;
    const life = this.#model.state.agents[this.#agent ?? '']?.life ?? 'failed';
    const gone = life === 'stopped' || life === 'exited' || life === 'failed';
    if (gone && this.#given.size > 0) this.#status = 1;
    if (gone || this.#given.size === 0) this.#over?.();
  }

  async #line(line: string): Promise<void> {
    if (line.trim() === '') return;
    this.#sending++;
    try {
      await this.#say(line);
    } catch (thrown) {
      this.#status = 1;
      complain(SkeinError.from(thrown).message);
    } finally {
      this.#sending--;
      this.#look();
    }
  }

  async #say(line: string): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined) throw new SkeinError('not_found', 'No agent is in this session.');
    const answer = /^\/(approve|deny|always|never)\s*$/.exec(line)?.[1];
    if (answer !== undefined) return this.#answer(agent, answer);
    const command = parseCommand(line);
    if (command === undefined) {
      const prompt = newId();
      this.#given.set(prompt, undefined);
      return this.#actions.prompt(agent, line, [], prompt).catch((error) => {
        this.#given.delete(prompt);
        throw error;
      });
    }
    const { name, argument } = command;
    const turn = this.#model.state.agents[agent]?.turn?.turn;
    if (name === 'quit') this.#over?.();
    else if (name === 'cancel' && turn !== undefined) await this.#actions.cancelTurn(agent, turn);
    else if (name === 'model' || name === 'mode') await this.#actions.choose(name, agent, argument);
    else if (name === 'restart') await this.#actions.restart(agent, argument === 'fresh');
    else if (name === 'answer') await this.#tell(argument);
    else if (name === 'stop') await this.#actions.stop(agent);
    else if (name === 'help')
      print(
        'A line is a prompt. /approve /deny /always /never /answer /cancel /model /mode /restart /stop /quit',
      );
    else throw new SkeinError('bad_request', `/${name} needs a terminal.`);
  }

  /** What the people of the session are asked. */
  async #tell(said: string): Promise<void> {
    const asked = askedOf(this.#model.state);
    if (asked === undefined) throw new SkeinError('not_found', 'Nobody is asked anything.');
    await this.#actions.say(asked.question, answerMeant(asked.options, said));
  }

  async #answer(agent: string, word: string): Promise<void> {
    const open = Object.values(this.#model.state.approvals).find(
      (one) => one.agent === agent && one.answered === null,
    );
    if (open === undefined) throw new SkeinError('not_found', 'Nothing is asked.');
    const answer = word === 'approve' || word === 'always' ? 'allow' : 'deny';
    const always = word === 'always' || word === 'never';
    await this.#actions.answer({ approval: open.approval, answer, always });
  }
}
