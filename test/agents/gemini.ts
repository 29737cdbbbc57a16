/** Gemini CLI over ACP. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAcp } from './acp.ts';
import type { RawAgent } from './raw-agent.ts';
import type { Place } from './site.ts';

function writeSettings(site: Place): void {
  const directory = join(site.home, '.gemini');
  mkdirSync(directory, { recursive: true });
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
    general: {
      ...{ disableAutoUpdate: true, enableAutoUpdate: false, enableAutoUpdateNotification: false },
      // A load leaves an empty file of the session beside its own. For that its clean-up, at the next start of any Gemini
      // in this directory, deletes the session, which could not be loaded a second time.
      sessionRetention: { enabled: false },
    },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
  };
  writeFileSync(join(directory, 'settings.json'), JSON.stringify(settings));
}

function chats(site: Place): string[] {
  const entries = readdirSync(join(site.home, '.gemini'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith('/chats'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What the model said in a session's file; the prompt, which has the same words, is not part of it. */
function saidIn(path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.includes('"type":"gemini"')).join('\n');
}

export const gemini: RawAgent = {
  name: 'gemini',
  queues: false,
  givesUp: true,

  expects: {
    prompt: { ends: ['end_turn'], asked: 0 },
    'write-allowed': { ends: ['end_turn'], asked: 1 },
    'write-denied': { ends: ['end_turn'], asked: 1 },
    'shell-allowed': { ends: ['end_turn'], asked: 1 },
    cancel: { ends: ['cancelled', 'end_turn'], asked: 0 },
    'cancel-asking': { ends: ['cancelled'], asked: 1 },
    queued: { ends: ['end_turn', 'end_turn'], asked: 0 },
    'model-error': { ends: ['error'], asked: 0 },
    resume: { ends: ['end_turn', 'end_turn'], asked: 0 },
    'resume-unknown': { ends: ['refused'], asked: 0 },
  },

  unknownSession: '00000000-0000-4000-8000-00000000dead',
  kept: (site, _session, text) => chats(site).some((path) => saidIn(path).includes(text)),

  // A load starts a file of its own for the same session, named by the minute: within the minute in which the session
  // was begun that is the session's file, which it empties. A day ago was another minute.
  age: (site) => {
    for (const path of chats(site))
      if (saidIn(path) !== '') renameSync(path, path.replace(/session-\d{4}-/, 'session-2000-'));
  },

  launch: (site) => {
    writeSettings(site);
    return {
      args: ['--acp', '--model', 'gemini-2.5-pro'],
      cwd: site.cwd,
      env: {
        ...site.env,
        GEMINI_API_KEY: 'x',
        GOOGLE_GEMINI_BASE_URL: site.model.url,
        GEMINI_TELEMETRY_ENABLED: 'false',
      },
    };
  },

  open: openAcp(async (rpc) => {
    await rpc.call('authenticate', { methodId: 'gemini-api-key' });
  }),
};
