/**
 * What an agent runs as its hook: `hook.cjs DIR EVENT [NODE_SOCKET]`. Of one that reports, its own failures are nobody's business:
 * it ends with status 0, and the agent does as it would have done without us. One that asks before a write fails by saying no.
 */
import { ASK_EVENT, askFirstAndEnd, READ_EVENT, tellRead } from './ask-first.ts';
import { runHook } from './run-hook.ts';

const [dir = '', hook, socket = ''] = process.argv.slice(2);
const end = () => process.exit(0);
if (hook === ASK_EVENT) void askFirstAndEnd(dir, socket);
else if (dir === '' || hook === undefined) end();
else if (hook === READ_EVENT) tellReadQuietly();
else runHook(dir, hook, socket === '' ? undefined : socket).then(end, end);

function tellReadQuietly(): void {
  try {
    tellRead(dir);
  } finally {
    end();
  }
}
