/** What Codex needs to talk to the scripted model: a provider, and a model of its own name that has all tools. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DUMMY_KEY, type Place } from './site.ts';

const KEY_VARIABLE = 'SCRIPTED_KEY';

/** Unknown models lose `apply_patch`, so the catalogue is replaced by one that has ours. */
const SCRIPTED = {
  slug: 'scripted',
  display_name: 'Scripted',
  description: 'Says what the prompt says.',
  default_reasoning_level: 'low',
  supported_reasoning_levels: [{ effort: 'low', description: 'Low' }],
  shell_type: 'shell_command',
  visibility: 'list',
  supported_in_api: true,
  priority: 1,
  availability_nux: null,
  upgrade: null,
  base_instructions: 'Do what the prompt says.',
  supports_reasoning_summaries: true,
  default_reasoning_summary: 'auto',
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: 'freeform',
  truncation_policy: { mode: 'tokens', limit: 10_000 },
  supports_parallel_tool_calls: true,
  context_window: 272_000,
  experimental_supported_tools: [],
  input_modalities: ['text'],
};

/** Features that would reach for the network, or start a daemon that outlives its terminal. */
const OFF = ['plugins', 'apps', 'remote_plugin', 'daemon_auto_start'];

export function writeSettings(site: Place): Record<string, string> {
  const home = join(site.home, '.codex');
  mkdirSync(home, { recursive: true });
  const catalogue = join(home, 'models.json');
  writeFileSync(catalogue, JSON.stringify({ models: [SCRIPTED] }));
  writeFileSync(
    join(home, 'config.toml'),
    `model = "scripted"
model_provider = "scripted"
model_catalog_json = ${JSON.stringify(catalogue)}
check_for_update_on_startup = false

[model_providers.scripted]
name = "Scripted"
base_url = ${JSON.stringify(`${site.model.url}/v1`)}
env_key = "${KEY_VARIABLE}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false

[features]
${OFF.map((feature) => `${feature} = false\n`).join('')}`,
  );
  return { CODEX_HOME: home, [KEY_VARIABLE]: DUMMY_KEY };
}
