/** The definitions that come with Skein (rule A3): plain data, as a file would say it. */
import { type Definition, type DefinitionFile, definitionFile } from './schema.ts';

const FILES: Record<string, DefinitionFile> = {
  claude: {
    title: 'Claude Code',
    driver: 'claude',
    command: 'claude',
    also: ['~/.claude/local/claude', '~/.local/bin/claude'],
    env: {
      // A program that replaces itself under its own run would not be the one that was recorded.
      DISABLE_AUTOUPDATER: '1',
      // Of a Claude Code that this was started from, which it would take itself to be a part of.
      CLAUDECODE: null,
      CLAUDE_CODE_ENTRYPOINT: null,
    },
    pty: { hooks: 'claude' },
    install: 'npm install -g @anthropic-ai/claude-code',
  },
  codex: {
    title: 'Codex',
    driver: 'codex',
    command: 'codex',
    // It asks for every change and command, like the others. With a sandbox of its own as well, it could do nothing at all
    // where the machine has no bubblewrap.
    options: { approvalPolicy: 'untrusted', sandbox: 'danger-full-access' },
    install: 'npm install -g @openai/codex',
  },
  opencode: {
    title: 'OpenCode',
    driver: 'acp',
    command: 'opencode',
    also: ['~/.opencode/bin/opencode'],
    args: ['acp'],
    env: {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      // It asks for nothing unless it is told to.
      OPENCODE_PERMISSION: '{"edit":"ask","bash":"ask","skein_type":"ask","skein_land":"ask"}',
    },
    // It writes by itself, once it was allowed to.
    options: { writes: 'asks' },
    install: 'npm install -g opencode-ai',
  },
  gemini: {
    title: 'Gemini CLI',
    driver: 'acp',
    command: 'gemini',
    args: ['--acp'],
    // It has the client write, where that can; and does not know by an error that there is no such file.
    options: { writes: 'client', missing: 'empty' },
    // Within the minute in which a session began, loading it empties it.
    restart: { resumeAfter: '60s' },
    install: 'npm install -g @google/gemini-cli',
  },
};

export const BUILT_IN_NAMES: readonly string[] = Object.keys(FILES);

/** Undefined when there is none of that name. */
export function builtIn(name: string): Definition | undefined {
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  return file === undefined ? undefined : { ...definitionFile.parse(file), name, base: '/' };
}
