/** The worker that watches what is claimed of workspaces, off the node's loop. */
import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.ts';
import { WatchedTree } from './watched-tree.ts';

const port = parentPort;
if (port === null) throw new Error('This is a worker.');
const trees = new Map<string, WatchedTree>();
const say = (message: FromWorker) => port.postMessage(message);

port.on('message', (message: ToWorker) => {
  const { workspace } = message;
  switch (message.type) {
    case 'watch': {
      trees.get(workspace)?.stop();
      const tree = new WatchedTree(message.root, message.folds, {
        written: (written) => say({ type: 'written', workspace, written }),
        watching: (directories) => say({ type: 'watching', workspace, directories }),
        missed: () => say({ type: 'missed', workspace }),
        off: (error) => {
          trees.delete(workspace);
          say({ type: 'off', workspace, error: error.toBody() });
        },
      });
      trees.set(workspace, tree);
      return;
    }
    case 'claims':
      trees.get(workspace)?.claims(message.added, message.removed);
      return;
    case 'forget':
      trees.get(workspace)?.stop();
      trees.delete(workspace);
  }
});
