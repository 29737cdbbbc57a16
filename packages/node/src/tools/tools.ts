/** Runs the tools that agents direct others with (rules N1, N2): checks who calls and what, and answers, whatever comes of it. */
import { SkeinError } from '@skein/protocol/errors';
import { allows } from '@skein/protocol/members/roles';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { ToolAsks } from '@skein/protocol/tools/asks';
import { MAX_CALLS_A_MINUTE, MAX_TOOL_CALLS } from '@skein/protocol/tools/limits';
import { type Tool, type ToolAnswer, type ToolCall, toolCall } from '@skein/protocol/tools/tool';
import { TOOL_NAMES, type ToolName, toolNamed } from '@skein/protocol/tools/tools';
import { nearest } from '../actors/nearest.ts';
import { parseBody } from '../actors/parse-body.ts';
import type { AgentContext } from '../gateway/agent-visit.ts';
import type { Handlers } from '../sessions/ask-call.ts';
import { resolveRef } from '../sessions/resolve.ts';
import { checked, failed } from './answers.ts';
import { checkRun, type ProvedAgent, prove } from './capabilities.ts';
import { homeAsker } from './far-tools.ts';
import { askingHandlers } from './handlers/asking.ts';
import { directingHandlers } from './handlers/directing.ts';
import type { ToolHandlers } from './handlers/handler.ts';
import { landingHandlers } from './handlers/landing.ts';
import { lookingHandlers } from './handlers/looking.ts';
import { spawnHandlers } from './handlers/spawn.ts';
import { transcriptHandlers } from './handlers/transcript.ts';
import { workingHandlers } from './handlers/working.ts';
import { directing } from './judge.ts';
import { Pace } from './pace.ts';
import { limitReached, type ReachedLimit } from './refusals.ts';
import { type ToolParts, ToolRun } from './tool-run.ts';

const handlers: ToolHandlers = {
  ...lookingHandlers,
  ...transcriptHandlers,
  ...directingHandlers,
  ...spawnHandlers,
  ...workingHandlers,
  ...landingHandlers,
  ...askingHandlers,
};

/** Who calls: an agent by its proof, one of another machine by its home's word, or the machine's user. */
export type ToolCaller = ProvedAgent | { kind: 'far'; session: string; agent: string } | { kind: 'owner' };

/** Where the agents of a hosted session have their tools run (rule N1): at home. */
export type AskHome = (
  session: string,
  agent: string,
  call: ToolCall,
  aborted: AbortSignal,
) => Promise<ToolAnswer>;

export class Tools {
  readonly #parts: ToolParts;
  readonly #home: AskHome;
  readonly #pace = new Pace(MAX_TOOL_CALLS, MAX_CALLS_A_MINUTE);

  constructor(parts: ToolParts) {
    this.#parts = parts;
    this.#home = homeAsker(parts.kernel);
  }

  /** For agents at their door. */
  readonly visited: AgentContext = {
    prove: (token) => prove(token, this.#parts.sessions),
    tool: async (by, body, aborted) => this.call(by, parseBody(toolCall, body), aborted),
  };

  /** For the machine's user. */
  readonly asked: Handlers<keyof ToolAsks> = {
    tool: (call, { aborted }) => this.call({ kind: 'owner' }, call, aborted),
  };

  /**
   * Throws `not_found` for a tool that there is not, `not_allowed` for a caller that has none, and `bad_request` for a call of the
   * user's that names no session; anything else that goes wrong is an answer.
   */
  async call(caller: ToolCaller, call: ToolCall, aborted: AbortSignal): Promise<ToolAnswer> {
    const tool = toolNamed(call.name);
    if (tool === undefined) throw unknownTool(call.name);
    if (caller.kind === 'owner') return this.#run(tool, null, await this.#meant(call), call, aborted);
    const { session, agent } = caller;
    if (call.session !== undefined)
      throw new SkeinError('not_allowed', 'An agent calls tools in its own session alone (rule N1).');
    const state = await this.#parts.sessions.session(session);
    if (caller.kind === 'agent') checkRun(state, caller);
    const of = `${session} ${agent}`;
    const began = this.#pace.begin(of);
    if (!began) {
      const error = limitReached(state, { agent }, { which: 'calls', of: agent, limit: MAX_CALLS_A_MINUTE });
      await this.#tellLimit(session, agent, error);
      return failed(error);
    }
    try {
      if (state.hosted !== null) return await this.#home(session, agent, call, aborted);
      return await this.#run(tool, agent, session, call, aborted);
    } finally {
      this.#pace.end(of);
    }
  }

  async #run(
    tool: Tool,
    me: string | null,
    session: string,
    { call, input }: ToolCall,
    aborted: AbortSignal,
  ): Promise<ToolAnswer> {
    try {
      const given = checked(tool, input);
      if ('failed' in given) return given.failed;
      if (me !== null) checkNeeds(await this.#parts.sessions.session(session), me, session, tool);
      const run = new ToolRun(this.#parts, { me, session, call, aborted });
      const handle = handlers[tool.name as ToolName] as (
        input: unknown,
        run: ToolRun,
      ) => Promise<{ text: string; data: Record<string, unknown> }>;
      return { ok: true, ...(await handle(given.input, run)) };
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      if (me !== null && error.code === 'limit_reached') await this.#tellLimit(session, me, error);
      return failed(error);
    }
  }

  /** The session of a call by the machine's user. */
  async #meant({ session }: ToolCall): Promise<string> {
    const all = await this.#parts.sessions.list();
    if (session !== undefined) return resolveRef(all, session).id;
    const [only] = all;
    if (only !== undefined && all.length === 1) return only.id;
    throw new SkeinError('bad_request', 'Say which session is meant: skein mcp --session NAME', {
      sessions: all.map(({ name }) => name).slice(0, 20),
    });
  }

  /** The people of the session are told as well, if not each time. */
  async #tellLimit(session: string, agent: string, { data }: SkeinError): Promise<void> {
    const { which, limit } = (data ?? {}) as unknown as ReachedLimit;
    const body = { agent, which, limit };
    await this.#parts.kernel.submit(NODE_ITSELF, { target: `session/${session}`, type: 'limit.tell', body });
  }
}

/** What changes something is judged by the session again, as it is decided. */
function checkNeeds(state: SessionState, agent: string, session: string, { needs, name }: Tool): void {
  const { direct } = directing(state, { session, agent });
  if (needs === 'self') return;
  if (needs === 'approve') {
    if (direct.approve) return;
    throw new SkeinError(
      'not_allowed',
      'You were not given the right to answer for others: a person will (rule N1).',
    );
  }
  if (!allows(direct.role, needs))
    throw new SkeinError(
      'not_allowed',
      `"${name}" needs the role of ${needs} in your session, and yours is ${direct.role} (rule N1).`,
    );
}

function unknownTool(name: string): SkeinError {
  const near = nearest(TOOL_NAMES, name, (one) => one);
  const hint = near.length > 0 ? `Near: ${near.join(', ')}.` : `There are: ${TOOL_NAMES.join(', ')}.`;
  return new SkeinError('not_found', `There is no tool "${name}". ${hint}`, { near });
}
