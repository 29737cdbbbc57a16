/** The real agents, each led through every scene on the scripted model, offline; skipped where it is not installed. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RAW_AGENTS } from './all.ts';
import { needsAgent } from './needs-agent.ts';
import { play, SCENE_NAMES, written } from './scenes.ts';
import { makeSite, type Site } from './site.ts';

for (const agent of RAW_AGENTS) {
  needsAgent(agent.name)(`${agent.name} on the scripted model`, (program) => {
    let site: Site;
    beforeEach(async () => {
      site = await makeSite();
    });
    afterEach(() => site.remove());

    test.each(SCENE_NAMES)('%s', { timeout: 60_000 }, async (scene) => {
      const { ends, questions } = await play(agent, program, scene, site);
      expect({ scene, ends, asked: questions.length }).toEqual({ scene, ...agent.expects[scene] });
      const files = ['a.txt', 'b.txt', 'c.txt', 'd.txt'].map((file) => written(site, file));
      expect(files).toEqual([
        scene === 'write-allowed' ? 'AAA\nBBB\n' : undefined,
        undefined,
        scene === 'shell-allowed' ? 'one\n' : undefined,
        undefined,
      ]);
      if (scene === 'resume') {
        const texts = site.model.asked.at(-1)?.conversation.entries.map((entry) => JSON.stringify(entry));
        expect(texts?.join()).toContain('Before the kill.');
      }
    });
  });
}
