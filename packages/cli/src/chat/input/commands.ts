/** What can be typed after a slash: ours, and the agent's own. Pure. */
import type { Choice } from '@skein/protocol/agents/events';

export interface SlashCommand {
  name: string;
  summary: string;
  /** What its argument is, if it takes one. */
  argument?: 'mode' | 'model' | 'agent' | 'text' | 'prompt';
}

export const OURS: readonly SlashCommand[] = [
  { name: 'help', summary: 'what the keys and commands do' },
  { name: 'agents', summary: 'the agents of this session; with a name, go to it', argument: 'agent' },
  { name: 'answer', summary: 'what people are asked: the number of an option, or words', argument: 'text' },
  { name: 'claims', summary: 'who holds what in workspaces' },
  { name: 'model', summary: 'choose the model', argument: 'model' },
  { name: 'mode', summary: 'choose the mode', argument: 'mode' },
  { name: 'cancel', summary: 'end the turn that runs' },
  { name: 'queue', summary: 'prompts that wait; edit N, cancel N', argument: 'prompt' },
  { name: 'restart', summary: 'start the agent again; with fresh, anew', argument: 'text' },
  { name: 'stop', summary: "end the agent's process" },
  { name: 'copy', summary: 'the last answer to the clipboard; with code, its last code', argument: 'text' },
  { name: 'search', summary: 'look for words', argument: 'text' },
  { name: 'expand', summary: 'unfold or fold everything' },
  { name: 'split', summary: 'agents side by side, or one at a time' },
  { name: 'mouse', summary: 'let the terminal select with the mouse, or the wheel scroll' },
  { name: 'attach', summary: 'a file that goes with the next prompt', argument: 'text' },
  { name: 'quit', summary: 'leave; the agents go on' },
];

export interface Completion {
  /** What is shown, and what the text becomes when it is taken. */
  label: string;
  summary: string;
  text: string;
}

export interface Offered {
  commands: readonly Choice[];
  modes: readonly Choice[];
  models: readonly Choice[];
  agents: readonly string[];
}

/** What the text may become; nothing when it is no beginning of a command. */
export function completions(text: string, offered: Offered): Completion[] {
  const match = /^\/(\S*)(?:(\s+)(.*))?$/s.exec(text);
  if (match === null) return [];
  const [, name = '', space, argument = ''] = match;
  if (space === undefined) {
    const all = [
      ...OURS.map(({ name, summary }) => ({ name, summary })),
      ...offered.commands
        .filter(({ name }) => !isOurs(name))
        .map(({ name, description }) => ({ name: name.replace(/^\//, ''), summary: description ?? '' })),
    ];
    const wanted = name.toLowerCase();
    const starting = all.filter((one) => one.name.toLowerCase().startsWith(wanted));
    const within = all.filter((one) => !starting.includes(one) && one.name.toLowerCase().includes(wanted));
    return [...starting, ...within].map((one) => ({
      label: `/${one.name}`,
      summary: one.summary,
      text: `/${one.name} `,
    }));
  }
  const command = OURS.find((one) => one.name === name);
  const wanted = argument.toLowerCase();
  return argumentsOf(command, offered)
    .filter(({ id, name }) => id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted))
    .map(({ id, name: label, description }) => ({
      label: id,
      summary: description ?? (label === id ? '' : label),
      text: `/${name} ${id}`,
    }));
}

export function isOurs(name: string): boolean {
  return OURS.some((one) => one.name === name.replace(/^\//, ''));
}

function argumentsOf(command: SlashCommand | undefined, offered: Offered): readonly Choice[] {
  if (command?.argument === 'mode') return offered.modes;
  if (command?.argument === 'model') return offered.models;
  if (command?.argument === 'agent') return offered.agents.map((name) => ({ id: name, name }));
  return [];
}

/** One of our commands, as it was typed; undefined for a prompt, or a command of the agent's own. */
export function parseCommand(text: string): { name: string; argument: string } | undefined {
  const match = /^\/(\S+)\s*(.*)$/s.exec(text.trim());
  if (match === null) return undefined;
  const [, name = '', argument = ''] = match;
  return isOurs(name) ? { name, argument: argument.trim() } : undefined;
}
