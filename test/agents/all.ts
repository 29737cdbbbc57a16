/** The agents that are driven without drivers. */
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import type { RawAgent } from './raw-agent.ts';

export const RAW_AGENTS: readonly RawAgent[] = [claude, codex, opencode, gemini];
