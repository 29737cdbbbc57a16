/**
 * Makes the recordings again: `node test/agents/record.ts [agent …] [--scene name]`, with the agents of agents:install.
 *
 * A recording is `recordings/<agent>.<run>.jsonl`: a first line that says what it is, then a line for each line of the
 * wire, `{ms, from: client | agent | stderr, frame | text}`, then `{ms, from: exit}`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { PINS } from '../../scripts/agents/pins.ts';
import { agentDirectory, agentPath } from '../../scripts/agents/places.ts';
import { RAW_AGENTS } from './all.ts';
import type { RawAgent } from './raw-agent.ts';
import { play, SCENE_NAMES, type SceneName } from './scenes.ts';
import { Scrubber } from './scrub.ts';
import { makeSite, type Site } from './site.ts';
import type { Wire } from './wire.ts';

const DIRECTORY = join(import.meta.dirname, 'recordings');

function linesOf(agent: RawAgent, scene: SceneName, wire: Wire, site: Site): string {
  const clean = new Scrubber([
    [site.cwd, '/work'],
    [site.home, '/home/agent'],
    [agentDirectory(agent.name), '/opt/agent'],
    [site.model.url, 'http://127.0.0.1:1'],
    [site.cwd.replace(/\/work$/, ''), '/tmp'],
    [homedir(), '/home/user'],
    [hostname(), 'host'],
  ]);
  const { version } = PINS[agent.name];
  const head = { agent: agent.name, version, scene };
  const lines = wire.lines.map(({ ms, from, frame, text }) =>
    frame === undefined
      ? { ms, from, text: clean.text(text ?? '') }
      : { ms, from, frame: clean.frame(frame) },
  );
  const last = { ms: wire.lines.at(-1)?.ms ?? 0, from: 'exit', ...wire.exit };
  return [head, ...lines, last].map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function record(agent: RawAgent, scene: SceneName): Promise<void> {
  const { path, missing } = agentPath(agent.name);
  if (path === undefined) throw new Error(missing);
  const site = await makeSite();
  try {
    const { runs, ends, questions } = await play(agent, path, scene, site);
    mkdirSync(DIRECTORY, { recursive: true });
    for (const [run, wire] of Object.entries(runs)) {
      writeFileSync(join(DIRECTORY, `${agent.name}.${run}.jsonl`), linesOf(agent, scene, wire, site));
    }
    process.stdout.write(`${agent.name} ${scene}: ${ends.join(', ')} ${questions.length} asked\n`);
  } finally {
    await site.remove();
  }
}

const words = process.argv.slice(2);
const at = words.indexOf('--scene');
const onlyScene = at < 0 ? undefined : words[at + 1];
const names = words.filter((word, index) => word !== '--scene' && (at < 0 || index !== at + 1));
for (const agent of RAW_AGENTS) {
  if (names.length > 0 && !names.includes(agent.name)) continue;
  for (const scene of SCENE_NAMES) {
    if (onlyScene !== undefined && scene !== onlyScene) continue;
    await record(agent, scene).catch((error: unknown) => {
      process.stderr.write(`${agent.name} ${scene} FAILED: ${String(error)}\n`);
      process.exitCode = 1;
    });
  }
}
