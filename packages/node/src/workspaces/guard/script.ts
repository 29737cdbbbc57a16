/** The text of the hooks that stand before commits (rule W2), and how they are known for ours. Pure. */

const MARK = '# skein guard';

export const isOurs = (text: string): boolean => text.includes(`\n${MARK}\n`);

/** As one word of a shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * `program` says with status 3 that the commit is not to be. Anything else that comes of it lets the commit through: it is a fence,
 * and one that is broken is told of. `before` is the hook that was there, as a shell writes it: it runs first, and its status stands.
 */
export function guardScript(program: string, before: string | null): string {
  const first = before === null ? '' : `if [ -x ${before} ]; then ${before} "$@" || exit $?; fi\n`;
  return `#!/bin/sh
${MARK}
# It keeps a commit from what others have claimed (skein claims). git commit --no-verify passes it by.
# It goes with the workspace: skein workspace rm
${first}[ -z "$SKEIN_LANDING" ] || exit 0
if [ -x ${quoted(program)} ]; then
  ${quoted(program)}
  [ $? -ne 3 ] || exit 1
else
  echo "skein: nobody is asked whether others have claimed what is committed: ${program.replaceAll(/["$`\\]/g, '')} is gone" >&2
fi
exit 0
`;
}

/** A hook of another's, where it is. */
export function passScript(before: string): string {
  return `#!/bin/sh
${MARK}
[ -x ${before} ] || exit 0
exec ${before} "$@"
`;
}
