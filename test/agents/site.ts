/** A home and a directory of their own for an agent, and an environment that holds nothing of whoever runs the test. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type ScriptedModel, startModel } from '../model/server.ts';

export interface Place {
  home: string;
  /** Where the agent works. */
  cwd: string;
  model: { url: string; stop(): Promise<void> };
  /** What every agent gets; each adds its own settings. */
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** Where the test itself plays the model. */
export interface Site extends Place {
  model: ScriptedModel;
}

export const makeSite = (): Promise<Site> => makePlace(startModel);

export async function makePlace<M extends Place['model']>(
  start: () => Promise<M>,
): Promise<Place & { model: M }> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'skein-agent-')));
  const home = join(root, 'home');
  const cwd = join(root, 'work');
  for (const directory of [home, cwd]) mkdirSync(directory);
  const model = await start();
  return {
    home,
    cwd,
    model,
    env: {
      HOME: home,
      // This Node first: agents written in JavaScript start with `env node`.
      PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      TMPDIR: root,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_CACHE_HOME: join(home, '.cache'),
      XDG_DATA_HOME: join(home, '.local/share'),
      XDG_STATE_HOME: join(home, '.local/state'),
      NO_COLOR: '1',
      // Whoever tries to reach the world by a proxy finds none; the model is on loopback.
      HTTP_PROXY: 'http://127.0.0.1:9',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1,localhost',
    },
    async remove() {
      await model.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The key that the scripted model never looks at; some agents want at least twenty characters. */
export const DUMMY_KEY = 'scripted-model-wants-no-key';

/** Whether a file below a directory, with `name` in its path, has the text in it. */
export function someFileHas(directory: string, name: string, text: string): boolean {
  if (!existsSync(directory)) return false;
  return readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true }).some((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() && path.includes(name) && readFileSync(path).includes(text);
  });
}
