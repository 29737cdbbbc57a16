/** Suites that need real agents: skipped visibly without them, or failing where `--require-agents` was asked. */
import { describe, test } from 'vitest';
import type { AgentName } from '../../scripts/agents/pins.ts';
import { agentPath } from '../../scripts/agents/places.ts';
import { needs } from '../support/needs.ts';

/** A `describe` whose body gets the agent's program. */
export function needsAgent(name: AgentName): (title: string, body: (program: string) => void) => void {
  const { path, missing } = agentPath(name);
  if (path !== undefined) return (title, body) => void describe(title, () => body(path));
  if (process.env.SKEIN_REQUIRE_AGENTS !== '1')
    return (title, body) => needs({ missing })(title, () => body(''));
  return (title) =>
    describe(title, () => {
      test('the agent is installed', () => {
        throw new Error(missing);
      });
    });
}
