/** Which API a path belongs to, and what of it is asked. Pure. */
import { anthropic } from './api/anthropic.ts';
import type { Api } from './api/api.ts';
import { chat } from './api/chat.ts';
import { gemini } from './api/gemini.ts';
import { responses } from './api/responses.ts';

export type Route =
  | {
      route: 'reply';
      api: Api /** From the path, where the API has it there. */;
      model?: string;
      stream?: boolean;
    }
  | { route: 'count'; api: Api }
  | { route: 'models' }
  | { route: 'release'; gate: string }
  | { route: 'unknown' };

const GEMINI = /^\/v1(?:beta|alpha)?\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;

export function routeOf(method: string, path: string): Route {
  if (method === 'GET') return path.endsWith('/models') ? { route: 'models' } : { route: 'unknown' };
  if (method !== 'POST') return { route: 'unknown' };
  const [, model, action] = GEMINI.exec(path) ?? [];
  if (model !== undefined) {
    if (action === 'countTokens') return { route: 'count', api: gemini };
    return { route: 'reply', api: gemini, model, stream: action === 'streamGenerateContent' };
  }
  const gate = /^\/release\/([^/]+)$/.exec(path)?.[1];
  if (gate !== undefined) return { route: 'release', gate: decodeURIComponent(gate) };
  // Agents differ in whether the base address they are given ends in /v1.
  switch (path.replace(/^\/v1(?=\/)/, '')) {
    case '/messages':
      return { route: 'reply', api: anthropic };
    case '/messages/count_tokens':
      return { route: 'count', api: anthropic };
    case '/responses':
      return { route: 'reply', api: responses };
    case '/chat/completions':
      return { route: 'reply', api: chat };
    default:
      return { route: 'unknown' };
  }
}
