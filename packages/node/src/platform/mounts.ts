/** Other disks, and directories from elsewhere, that are mounted in a directory: whoever empties that empties them. */
import fs from 'node:fs';

/** Where they are, absolute; none where the system does not tell. `dir` is absolute, without links. */
export function mountsIn(dir: string): string[] {
  let told: string;
  try {
    told = fs.readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return [];
  }
  const places = told.split('\n').map((line) => unescaped(line.split(' ')[4] ?? ''));
  return [...new Set(places)].filter((place) => place === dir || place.startsWith(`${dir}/`));
}

/** Spaces and the like are told by their octal numbers, byte by byte. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
