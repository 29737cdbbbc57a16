/** Suites that need real agents: skipped visibly without them, or failing where `--require-agents` was asked. */
import { describe, test } from 'vitest';
import type { AgentName } from '../../scripts/agents/pins.ts';
import { agentPath } from '../../scripts/agents/places.ts';
import { needs } from '../support/needs.ts';

/** A `describe` whose body gets the agent's program. */
export function needsAgent(name: AgentName): (title: string, body: (program: string) => void) => void {
  const suite = needsAgents([name]);
  return (title, body) => suite(title, (programs) => body(programs[name] ?? ''));
}

/** The same for several, all of which must be there. */
export function needsAgents(
  names: readonly AgentName[],
): (title: string, body: (programs: Partial<Record<AgentName, string>>) => void) => void {
  const found = names.map((name) => ({ name, ...agentPath(name) }));
  const programs = Object.fromEntries(found.map(({ name, path }) => [name, path]));
  const missing = found.flatMap((one) => one.missing ?? []);
  if (missing.length === 0) return (title, body) => void describe(title, () => body(programs));
  if (process.env.SKEIN_REQUIRE_AGENTS !== '1')
    return (title, body) => needs(...missing.map((why) => ({ missing: why })))(title, () => body(programs));
  return (title) =>
    describe(title, () => {
      test('the agent is installed', () => {
        throw new Error(missing.join('\n'));
      });
    });
}
