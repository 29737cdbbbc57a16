/** Where a node is told to listen (rule K5). */
import { expect, test } from 'vitest';
import { peerCommands } from './commands.ts';

test('[K5] a place that there cannot be is refused before it takes the place of one that there is', () => {
  const taken = (place: string) => peerCommands['mesh.configure'].safeParse({ listen: [place] }).success;
  const good = [
    'none',
    '127.0.0.1:0',
    '[::]:4040',
    'host.example:65535',
    '/ip4/0.0.0.0/tcp/4040',
    '/dns4/x/tcp/0',
  ];
  const bad = ['', '1.2.3.4:65536', '1.2.3.4:99999', ':7001', '1.2.3.4', '/ip4/127.0.0.1', '/x:80', 'a:b'];
  expect(good.filter((place) => !taken(place))).toEqual([]);
  expect(bad.filter(taken)).toEqual([]);
});
