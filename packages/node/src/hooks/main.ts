/**
 * What an agent runs as its hook: `hook.cjs DIR EVENT [NODE_SOCKET]`. Its own failures are nobody's business: it ends with status 0,
 * and the agent does as it would have done without us.
 */
import { runHook } from './run-hook.ts';

const [dir, hook, socket] = process.argv.slice(2);
const end = () => process.exit(0);
if (dir === undefined || hook === undefined) end();
else runHook(dir, hook, socket).then(end, end);
