/** Reads the recordings: what each is, and its lines as they went over the wire. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentName } from '../../scripts/agents/pins.ts';
import type { SceneName } from './scenes.ts';
import type { Line } from './wire.ts';

export const RECORDINGS = join(import.meta.dirname, 'recordings');

export interface Recording {
  agent: AgentName;
  version: string;
  scene: SceneName;
  /** The scene's name, or that of one of its processes. */
  run: string;
  lines: Line[];
  exit: { code: number | null; signal: string | null };
}

export function readRecordings(): Recording[] {
  return readdirSync(RECORDINGS)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .map(readRecording);
}

function readRecording(file: string): Recording {
  const text = readFileSync(join(RECORDINGS, file), 'utf8').trimEnd();
  const [head, ...lines] = text.split('\n').map((line) => JSON.parse(line));
  const { code, signal } = lines.pop();
  return { ...head, run: file.split('.')[1], lines, exit: { code, signal } };
}
