/**
 * The real agents without drivers, on the scripted model, offline; skipped where one is not installed. They are led through
 * what they are not led through as members of a session (product/); their wires in every scene are recorded (record.ts).
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RAW_AGENTS } from './all.ts';
import { needsAgent } from './needs-agent.ts';
import { play, type SceneName, written } from './scenes.ts';
import { makeSite, type Site } from './site.ts';

const SCENES: readonly SceneName[] = ['shell-allowed', 'model-error'];

for (const agent of RAW_AGENTS) {
  needsAgent(agent.name)(`${agent.name} on the scripted model`, (program) => {
    let site: Site;
    beforeEach(async () => {
      site = await makeSite();
    });
    afterEach(() => site.remove());

    test.each(SCENES)('%s', { timeout: 60_000 }, async (scene) => {
      const { ends, questions } = await play(agent, program, scene, site);
      const expected = agent.expects[scene];
      expect([expected.ends, expected.orEnds]).toContainEqual(ends);
      expect(questions.length).toBe(expected.asked);
      expect(written(site, 'c.txt')).toBe(scene === 'shell-allowed' ? 'one\n' : undefined);
    });
  });
}
