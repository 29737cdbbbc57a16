/** Builds the bundles on the Node that set-up chose. */
import { runToEnd } from './child.mjs';
import { BUILD_SCRIPT, ROOT } from './places.mjs';
import { SetupError, tell } from './tell.mjs';

/** @param {string} node */
export async function runBuild(node) {
  tell('building');
  const { ok, output } = await runToEnd(node, [BUILD_SCRIPT, '--quiet'], { cwd: ROOT, env: process.env });
  if (output.trim() !== '') process.stderr.write(`${output.trimEnd()}\n`);
  if (!ok) throw new SetupError('the build failed.', 'The reason stands above; mend it and run it again.');
}
