/** OpenCode over ACP, with the scripted model as an OpenAI-compatible provider. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAcp } from './acp.ts';
import type { RawAgent } from './raw-agent.ts';
import { DUMMY_KEY, type Place, someFileHas } from './site.ts';

function writeSettings(site: Place): void {
  const directory = join(site.home, '.config/opencode');
  mkdirSync(directory, { recursive: true });
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Scripted',
    options: { baseURL: `${site.model.url}/v1`, apiKey: DUMMY_KEY },
    models: {
      scripted: {
        name: 'Scripted',
        tool_call: true,
        reasoning: true,
        limit: { context: 200_000, output: 8_192 },
      },
    },
  };
  const config = {
    $schema: 'https://opencode.ai/config.json',
    model: 'scripted/scripted',
    small_model: 'scripted/scripted',
    provider: { scripted: provider },
    enabled_providers: ['scripted'],
    permission: { edit: 'ask', bash: 'ask' },
    share: 'disabled',
    autoupdate: false,
  };
  writeFileSync(join(directory, 'opencode.json'), JSON.stringify(config));
}

export const opencode: RawAgent = {
  name: 'opencode',
  queues: false,
  givesUp: false,

  expects: {
    prompt: { ends: ['end_turn'], asked: 0 },
    'write-allowed': { ends: ['end_turn'], asked: 1 },
    'write-denied': { ends: ['end_turn'], asked: 1 },
    'shell-allowed': { ends: ['end_turn'], asked: 1 },
    cancel: { ends: ['cancelled', 'end_turn'], asked: 0 },
    'cancel-asking': { ends: ['cancelled'], asked: 1 },
    queued: { ends: ['end_turn', 'end_turn'], asked: 0 },
    // Which of the two depends on whether the model or the wait before the next try is cancelled.
    'model-error': { ends: ['end_turn'], orEnds: ['cancelled'], asked: 0 },
    resume: { ends: ['end_turn', 'end_turn'], asked: 0 },
    'resume-unknown': { ends: ['refused'], asked: 0 },
  },

  unknownSession: 'ses_00000000000000000000000000',
  kept: (site, _session, text) => someFileHas(join(site.home, '.local/share/opencode'), '', text),

  launch: (site) => {
    writeSettings(site);
    return {
      args: ['acp', '--cwd', site.cwd],
      cwd: site.cwd,
      env: {
        ...site.env,
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
        OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      },
    };
  },

  open: openAcp(),
};
