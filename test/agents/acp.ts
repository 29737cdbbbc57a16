/** ACP version 1, as OpenCode and Gemini speak it, without a driver. */
import { type Json, object, objects, string } from '../model/json.ts';
import type { RawAgent, Talk } from './raw-agent.ts';
import { Rpc } from './rpc.ts';
import type { Site } from './site.ts';
import type { Wire } from './wire.ts';

const ASK = 'session/request_permission';

/** @param prepare what an agent wants said before it opens a session, such as how it is logged in */
export function openAcp(prepare: (rpc: Rpc) => Promise<void> = async () => {}): RawAgent['open'] {
  return async (wire: Wire, site: Site, resume: string | undefined): Promise<Talk> => {
    const rpc = new Rpc(wire, { jsonrpc: '2.0' });
    rpc.refuseOthers([ASK]);
    await rpc.call('initialize', {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: 'skein', title: 'Skein', version: '0.0.0' },
    });
    await prepare(rpc);
    const place: Json = { cwd: site.cwd, mcpServers: [] };
    const opened = await (resume === undefined
      ? rpc.call('session/new', place)
      : rpc.call('session/load', { ...place, sessionId: resume }));
    const sessionId = resume ?? string(opened.sessionId);
    const prompts: number[] = [];
    return {
      session: () => sessionId,
      prompt: (text) => {
        prompts.push(rpc.ask('session/prompt', { sessionId, prompt: [{ type: 'text', text }] }));
      },
      cancel: () => rpc.notify('session/cancel', { sessionId }),
      ended: () => {
        const id = prompts.shift();
        if (id === undefined) throw new Error('no prompt was given');
        return wire.until(`the end of prompt ${id}`, (frame) => {
          if (frame.id !== id || frame.method !== undefined) return undefined;
          return frame.error === undefined ? string(object(frame.result).stopReason) : 'error';
        });
      },
      asked: () =>
        wire.until('a question', ({ id, method, params }) => {
          if (method !== ASK) return undefined;
          const { toolCall, options } = object(params);
          const optionFor = (kind: string) =>
            string(objects(options).find((option) => option.kind === kind)?.optionId);
          return {
            about: JSON.stringify(toolCall),
            answer: (allow) =>
              rpc.respond(id, {
                outcome: { outcome: 'selected', optionId: optionFor(allow ? 'allow_once' : 'reject_once') },
              }),
            withdraw: () => rpc.respond(id, { outcome: { outcome: 'cancelled' } }),
          };
        }),
    };
  };
}
