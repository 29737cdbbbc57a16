/** Maps what the script calls write, shell and read to whichever tools a request offers. */
import { posix } from 'node:path';
import { type Json, list, object, string } from './json.ts';
import type { ToolStep } from './marker.ts';

export interface Tool {
  name: string;
  /** The tool is one of several under this name, as Codex offers those of a server. */
  group?: string;
  /** Takes text of a grammar of its own instead of JSON. */
  freeform: boolean;
  /** JSON Schema of its input; {} when freeform. */
  schema: Json;
}

export type Call =
  | { name: string; group?: string; freeform: false; input: Json }
  | { name: string; freeform: true; input: string };

/** Names in order of preference, from the agents of test/agents and their kin. */
const WRITERS = ['Write', 'write', 'write_file', 'create', 'create_file'];
const SHELLS = ['Bash', 'bash', 'shell_command', 'exec_command', 'run_shell_command', 'shell', 'local_shell'];
const READERS = ['Read', 'read', 'read_file', 'view'];
const PATCH = 'apply_patch';

const PATHS = ['file_path', 'filePath', 'absolute_path', 'path', 'filename'];
const CONTENTS = ['content', 'contents', 'file_text', 'text'];
const COMMANDS = ['command', 'cmd', 'script'];

/** @returns undefined when nothing that was offered can do it */
export function callFor(step: ToolStep, tools: readonly Tool[], cwd: string | undefined): Call | undefined {
  switch (step.step) {
    case 'shell':
      return shell(step.command, tools);
    case 'read': {
      const reader = offered(READERS, tools);
      if (reader === undefined) return shell(`cat ${quote(step.path)}`, tools);
      return fill(reader, [[PATHS, absolute(step.path, cwd)]]);
    }
    case 'call':
      return onServer(step, tools);
    case 'write':
      return write(step.path, step.content, tools, cwd);
  }
}

function write(path: string, content: string, tools: readonly Tool[], cwd: string | undefined) {
  const patcher = offered([PATCH], tools);
  if (patcher !== undefined) {
    const input = patchThatAdds(path, content);
    return patcher.freeform
      ? { name: PATCH, freeform: true as const, input }
      : fill(patcher, [[['input', 'patch'], input]]);
  }
  const writer = offered(WRITERS, tools);
  if (writer === undefined) return shell(`printf %s ${quote(content)} > ${quote(path)}`, tools);
  return fill(writer, [
    [PATHS, absolute(path, cwd)],
    [CONTENTS, content],
  ]);
}

function shell(command: string, tools: readonly Tool[]): Call | undefined {
  const runner = offered(SHELLS, tools);
  if (runner === undefined) return undefined;
  const name = nameAmong(COMMANDS, runner.schema);
  const type = object(object(runner.schema.properties)[name]).type;
  return fill(runner, [[COMMANDS, type === 'array' ? ['bash', '-lc', command] : command]]);
}

/** `skein.list` is offered as `mcp__skein__list`, `skein_list`, or in such ways. */
function onServer({ tool, input }: Extract<ToolStep, { step: 'call' }>, tools: readonly Tool[]) {
  const [wanted = '', server = ''] = tool.split('.').reverse();
  const plain = (name: string) => name.match(/[A-Za-z0-9-]+/g)?.join('_');
  const named = ({ name, group = '' }: Tool) => plain(`${group}_${name}`)?.endsWith(`${server}_${wanted}`);
  const found = tools.find(named) ?? offered([wanted], tools);
  if (found === undefined) return undefined;
  const { name, group } = found;
  return { name, ...(group && { group }), freeform: false as const, input: parsed(input) };
}

/** What is no JSON goes as it is, so that a server can be given nonsense. */
function parsed(input: string): Json {
  try {
    return JSON.parse(input === '' ? '{}' : input);
  } catch {
    return { input };
  }
}

function offered(names: readonly string[], tools: readonly Tool[]): Tool | undefined {
  for (const name of names) {
    const tool = tools.find((candidate) => candidate.name === name);
    if (tool !== undefined) return tool;
  }
  return undefined;
}

/** Gives each value to the property that its schema has for it; what else it requires gets a word or a number. */
function fill(tool: Tool, values: [names: readonly string[], value: unknown][]): Call {
  const input: Json = {};
  for (const [names, value] of values) input[nameAmong(names, tool.schema)] = value;
  for (const required of list(tool.schema.required).map(string)) {
    if (!(required in input)) input[required] = filler(object(object(tool.schema.properties)[required]));
  }
  return { name: tool.name, freeform: false, input };
}

function nameAmong(names: readonly string[], schema: Json): string {
  const known = object(schema.properties);
  return names.find((name) => name in known) ?? names[0] ?? '';
}

function filler(schema: Json): unknown {
  const [choice] = list(schema.enum);
  if (choice !== undefined) return choice;
  switch (string(schema.type).toLowerCase()) {
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 0;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return 'scripted';
  }
}

/** Each line of a patch ends its line in the file, so the last line end of the content is not one more. */
function patchThatAdds(path: string, content: string): string {
  const lines = content
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `+${line}`);
  return ['*** Begin Patch', `*** Add File: ${path}`, ...lines, '*** End Patch'].join('\n');
}

function absolute(path: string, cwd: string | undefined): string {
  return cwd === undefined ? path : posix.resolve(cwd, path);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** How agents tell the model where they work, each in its own sentence. */
const PLACES = [
  /<cwd>(\/[^<\n]*)<\/cwd>/,
  /working directory:\s*(\/[^\n]*)/i,
  /(?:working in the directory|current directory|workspace directory|cwd):\s*`?(\/[^\n`]*)/i,
  /workspace directories:\W*\n\s*-\s*(\/[^\n]*)/i,
];

/** @returns the agent's directory where its prompt tells it; without it paths stay relative */
export function cwdIn(context: string): string | undefined {
  for (const place of PLACES) {
    const path = place.exec(context)?.[1]?.trim();
    if (path !== undefined) return path;
  }
  return undefined;
}
