/**
 * Codex asks whether an MCP server's tool may be called in the words by which servers ask their users for something (rule A5). It
 * does not say which call it is: the one of that name that runs and was not asked about.
 */

import { payload } from '../bounds.ts';
import { askApproval } from '../calls.ts';
import type { Draft } from '../draft.ts';
import type { CodexState } from './state.ts';
import * as wire from './wire.ts';

type D = Draft<CodexState>;

export const ELICITATION = 'mcpServer/elicitation/request';
const TOOL_CALL = 'mcp_tool_call';
export const ABOUT_TOOL = 'tool';

/** Tells the question, if it is about a tool; false when it is another, or cannot be asked. */
export function askAboutTool(d: D, request: string | number, params: unknown): boolean {
  const parsed = wire.elicitation.safeParse(params);
  const meta = parsed.success ? parsed.data._meta : null;
  if (!parsed.success || meta?.codex_approval_kind !== TOOL_CALL) return false;
  const name = `${parsed.data.serverName}.${meta.tool_name}`;
  const asked = new Set(d.s.approvals.map(({ call }) => call));
  const running = d.s.calls.find((one) => one.title === name && !one.finished && !asked.has(one.call));
  return askApproval(d, {
    request,
    call: running?.call ?? `${ABOUT_TOOL}-${request}`,
    news: { name, kind: 'other', title: name, input: payload(meta.tool_params ?? null) },
    options: [
      { id: 'accept', kind: 'allow_once', label: 'Allow' },
      { id: 'acceptForSession', kind: 'allow_always', label: 'Allow for this session' },
      { id: 'decline', kind: 'deny_once', label: 'Deny' },
    ],
    stays: true,
    extra: { about: ABOUT_TOOL },
  });
}

export function answerAboutTool(option: string, allowed: boolean): object {
  if (!allowed) return { action: 'decline', content: null, _meta: null };
  return { action: 'accept', content: {}, _meta: option === 'accept' ? null : { persist: 'session' } };
}
