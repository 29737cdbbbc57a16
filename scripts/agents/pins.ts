/** Which agent programs, and the MCP inspector, the tests are held against, in which versions, and what each costs on disk. */

interface Pin {
  name: string;
  package: string;
  version: string;
  /** The program's name in node_modules/.bin. */
  bin: string;
  /** Megabytes once installed on Linux x64, told before anything is fetched. */
  megabytes: number;
  /** Its install script links the native program; of the others the scripts are not run, since some compile. */
  scripts: boolean;
  /** Installed only when named, or with --all. */
  optional: boolean;
}

export const PINS = {
  claude: {
    name: 'claude',
    package: '@anthropic-ai/claude-code',
    version: '2.1.197',
    bin: 'claude',
    megabytes: 235,
    scripts: true,
    optional: false,
  },
  codex: {
    name: 'codex',
    package: '@openai/codex',
    version: '0.169.0',
    bin: 'codex',
    megabytes: 404,
    scripts: false,
    optional: false,
  },
  opencode: {
    name: 'opencode',
    package: 'opencode-ai',
    version: '1.18.33',
    bin: 'opencode',
    megabytes: 354,
    scripts: true,
    optional: false,
  },
  gemini: {
    name: 'gemini',
    package: '@google/gemini-cli',
    version: '0.61.0',
    bin: 'gemini',
    megabytes: 100,
    scripts: false,
    optional: false,
  },
  'claude-acp': {
    name: 'claude-acp',
    package: '@agentclientprotocol/claude-agent-acp',
    version: '0.49.0',
    bin: 'claude-agent-acp',
    megabytes: 290,
    scripts: false,
    optional: true,
  },
  'codex-acp': {
    name: 'codex-acp',
    package: '@agentclientprotocol/codex-acp',
    version: '2.6.0',
    bin: 'codex-acp',
    megabytes: 457,
    scripts: false,
    optional: true,
  },
  // No agent, but what speaks MCP as they do, strictly.
  inspector: {
    name: 'inspector',
    package: '@modelcontextprotocol/inspector',
    version: '2.12.0',
    bin: 'mcp-inspector',
    megabytes: 110,
    scripts: false,
    optional: false,
  },
} as const satisfies Record<string, Pin>;

export type AgentName = keyof typeof PINS;

export const AGENT_NAMES = Object.keys(PINS) as AgentName[];

export function isAgentName(word: string): word is AgentName {
  return Object.hasOwn(PINS, word);
}
