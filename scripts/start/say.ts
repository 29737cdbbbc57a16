/** How the demonstration talks: a step, and what it shows. Colour only in a terminal that has not said no. */

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
let step = 0;

export function say(text: string): void {
  const line = `${++step}. ${text}`;
  console.log(colour ? `\n\x1b[1m${line}\x1b[m` : `\n${line}`);
}

export function show(...lines: string[]): void {
  for (const line of lines) console.log(colour ? `   \x1b[2m│\x1b[m ${line}` : `   | ${line}`);
}
