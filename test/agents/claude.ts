/** Claude Code over two-way stream-json, without a driver. */
import { join } from 'node:path';
import { type Json, object, string } from '../model/json.ts';
import type { RawAgent } from './raw-agent.ts';
import { DUMMY_KEY, someFileHas } from './site.ts';

const ARGS = [
  ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
  ...['--include-partial-messages', '--permission-prompt-tool', 'stdio', '--permission-mode', 'default'],
];

export const claude: RawAgent = {
  name: 'claude',
  queues: true,
  givesUp: true,

  expects: {
    prompt: { ends: ['success'], asked: 0 },
    'write-allowed': { ends: ['success'], asked: 1 },
    'write-denied': { ends: ['success'], asked: 1 },
    'shell-allowed': { ends: ['success'], asked: 1 },
    cancel: { ends: ['error_during_execution', 'success'], asked: 0 },
    'cancel-asking': { ends: ['error_during_execution'], asked: 1 },
    queued: { ends: ['success', 'success'], asked: 0 },
    'model-error': { ends: ['success'], asked: 0 },
    resume: { ends: ['success', 'success'], asked: 0 },
    'resume-unknown': { ends: ['refused'], asked: 0 },
  },

  launch: (site, resume) => ({
    args: resume === undefined ? ARGS : [...ARGS, '--resume', resume],
    cwd: site.cwd,
    env: {
      ...site.env,
      ANTHROPIC_BASE_URL: site.model.url,
      ANTHROPIC_API_KEY: DUMMY_KEY,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
      CLAUDE_CODE_MAX_RETRIES: '0',
      DISABLE_AUTOUPDATER: '1',
    },
  }),

  unknownSession: '00000000-0000-4000-8000-00000000dead',

  // A second after the turn: killed before that, the session is as if it had never been.
  kept: (site, session, text) => someFileHas(join(site.home, '.claude/projects'), session, text),

  async open(wire) {
    let session = '';
    let controls = 0;
    wire.watch((frame) => {
      session = string(frame.session_id) || session;
    });
    const control = (request: Json) => {
      controls += 1;
      wire.send({ type: 'control_request', request_id: `client-${controls}`, request });
    };
    control({ subtype: 'initialize', hooks: null });
    await wire.until('the answer to initialize', (frame) => frame.type === 'control_response' || undefined);
    return {
      session: () => session,
      prompt: (text) =>
        wire.send({
          type: 'user',
          message: { role: 'user', content: [{ type: 'text', text }] },
          parent_tool_use_id: null,
          session_id: session,
        }),
      cancel: () => control({ subtype: 'interrupt' }),
      ended: () =>
        wire.until('the end of the turn', (frame) =>
          frame.type === 'result' ? string(frame.subtype) : undefined,
        ),
      asked: () =>
        wire.until('a question', ({ type, request_id, request }) => {
          const { subtype, tool_name, input } = object(request);
          if (type !== 'control_request' || subtype !== 'can_use_tool') return undefined;
          const respond = (response: Json) =>
            wire.send({ type: 'control_response', response: { subtype: 'success', request_id, response } });
          return {
            about: `${string(tool_name)} ${JSON.stringify(input)}`,
            answer: (allow) =>
              respond(
                allow
                  ? { behavior: 'allow', updatedInput: input }
                  : { behavior: 'deny', message: 'not now', interrupt: false },
              ),
          };
        }),
    };
  },
};
