/** How the demonstration talks: a step, and what it shows. Colour only in a terminal that has not said no. */
import { interrupted } from './interrupted.ts';

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
let step = 0;

/** Throws where the user wants no more of it. */
export async function say(text: string): Promise<void> {
  if ((await interrupted()) !== undefined) throw new Error('Interrupted.');
  const line = `${++step}. ${text}`;
  console.log(colour ? `\n\x1b[1m${line}\x1b[m` : `\n${line}`);
}

export function show(...lines: string[]): void {
  for (const line of lines) console.log(colour ? `   \x1b[2m│\x1b[m ${line}` : `   | ${line}`);
}
