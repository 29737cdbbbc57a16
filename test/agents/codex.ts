/** Codex over its app-server's JSON-RPC, without a driver. */
import { join } from 'node:path';
import { object, string } from '../model/json.ts';
import { writeSettings } from './codex-settings.ts';
import type { RawAgent } from './raw-agent.ts';
import { Rpc } from './rpc.ts';
import { someFileHas } from './site.ts';

const APPROVALS = ['item/fileChange/requestApproval', 'item/commandExecution/requestApproval'];

/** Asks for every write and command, without the sandbox, which not every machine can have. */
const POLICY = { approvalPolicy: 'untrusted', sandbox: 'danger-full-access' };

export const codex: RawAgent = {
  name: 'codex',
  // A prompt during a turn steers that turn.
  queues: false,
  givesUp: true,

  expects: {
    prompt: { ends: ['completed'], asked: 0 },
    'write-allowed': { ends: ['completed'], asked: 1 },
    'write-denied': { ends: ['completed'], asked: 1 },
    'shell-allowed': { ends: ['completed'], asked: 1 },
    cancel: { ends: ['interrupted', 'completed'], asked: 0 },
    'cancel-asking': { ends: ['interrupted'], asked: 1 },
    queued: { ends: ['completed', 'completed'], asked: 0 },
    'model-error': { ends: ['failed'], asked: 0 },
    resume: { ends: ['completed', 'completed'], asked: 0 },
    'resume-unknown': { ends: ['refused'], asked: 0 },
  },

  unknownSession: '00000000-0000-7000-8000-00000000dead',
  kept: (site, session, text) => someFileHas(join(site.home, '.codex/sessions'), session, text),

  launch: (site) => ({
    args: ['app-server'],
    cwd: site.cwd,
    env: { ...site.env, ...writeSettings(site) },
  }),

  async open(wire, site, resume) {
    const rpc = new Rpc(wire, {});
    rpc.refuseOthers(APPROVALS);
    await rpc.call('initialize', {
      clientInfo: { name: 'skein', title: 'Skein', version: '0.0.0' },
      capabilities: { experimentalApi: false },
    });
    rpc.notify('initialized', {});
    const { thread } = await (resume === undefined
      ? rpc.call('thread/start', { cwd: site.cwd, ...POLICY })
      : rpc.call('thread/resume', { threadId: resume, cwd: site.cwd, ...POLICY }));
    const threadId = string(object(thread).id);
    let turnId = '';
    wire.watch(({ method, params }) => {
      if (method === 'turn/started') turnId = string(object(object(params).turn).id);
    });
    return {
      session: () => threadId,
      prompt: (text) => {
        rpc.ask('turn/start', { threadId, input: [{ type: 'text', text, text_elements: [] }] });
      },
      cancel: () => {
        rpc.ask('turn/interrupt', { threadId, turnId });
      },
      ended: () =>
        wire.until('the end of the turn', ({ method, params }) =>
          method === 'turn/completed' ? string(object(object(params).turn).status) : undefined,
        ),
      asked: () =>
        wire.until('a question', ({ id, method, params }) => {
          if (!APPROVALS.includes(string(method))) return undefined;
          return {
            about: `${string(method)} ${JSON.stringify(params)}`,
            answer: (allow) => rpc.respond(id, { decision: allow ? 'accept' : 'decline' }),
          };
        }),
    };
  },
};
