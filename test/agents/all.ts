/** The agents that are driven without drivers. */
import { claude } from './claude.ts';
import type { RawAgent } from './raw-agent.ts';

export const RAW_AGENTS: readonly RawAgent[] = [claude];
