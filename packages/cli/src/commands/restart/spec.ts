/** `skein restart`: another node in the old one's place. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const restart: CommandSpec = {
  name: 'restart',
  summary: 'stop the node and start it again, as after an update',
  details: 'No session is touched, and whoever is attached does not notice.',
  args: [],
  options: [],
  examples: [['skein restart', 'let the node be of the version that is installed']],
  json: '{pid, version, home, before: {pid, version} | null}',
  load: () => import('./run.ts'),
};
