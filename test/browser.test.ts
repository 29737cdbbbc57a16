/** What a browser loads of Skein (rules L5, C1): nothing of Node's is in it, and it works where there is nothing of Node's. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { webSocket } from '@skein/client/transport/websocket';
import type { Transport } from '@skein/protocol/client/transport';
import { buildSync, transformSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

const SOURCES = join(import.meta.dirname, '../packages/protocol/src');
const modules = globSync('**/*.ts', { cwd: SOURCES }).filter((name) => !/\.(test|fixture)\.ts$/.test(name));
let skein: Skein;

beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

/** One script, as a bundler makes it for a page. */
function bundle(code: string): string {
  const stdin = { contents: code, resolveDir: SOURCES, loader: 'ts' } as const;
  const how = {
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    logLevel: 'silent',
  } as const;
  return buildSync({ stdin, ...how, target: 'es2022' }).outputFiles[0]?.text ?? '';
}

test('[L5] every module of the protocol is one for a browser', () => {
  expect(modules.length).toBeGreaterThan(50);
  // Throws for a module that only Node has.
  expect(bundle(modules.map((name) => `import './${name}';`).join('\n'))).not.toMatch(/\bnode:[a-z]/);
  const bound = modules.filter((name) => {
    const { code } = transformSync(readFileSync(join(SOURCES, name), 'utf8'), { loader: 'ts' });
    return /\bBuffer\b|\bprocess\.|\brequire\(|\b__dirname\b|\bimport\.meta\b/.test(code);
  });
  // It asks whether there is one.
  expect(bound).toEqual(['light-codec.ts']);
});

/** A page: says what it finds in its node, and leaves by its keys. */
const PAGE = String.raw`
import { Client } from './client/client.ts';
import { wholeEvent } from './client/blobs.ts';
import { DetachKeys, parseDetach } from './text/detach-keys.ts';

globalThis.page = async (open, name) => {
  const connect = (events) => open({
    message: (bytes) => events.message(new Uint8Array(bytes)),
    closed: () => events.closed(),
  });
  const client = await Client.connect({ connect, name: 'page', version: '0' });
  const session = await client.ask('session', { ref: name });
  const stream = 'session/' + session.id;
  const types = [];
  for await (const page of client.subscribe({ stream, from: { offset: 0 }, follow: false }))
    for (const [i, event] of page.events.entries())
      types.push((await wholeEvent(client, stream, page.first + i, event)).type);
  client.close();
  const keys = new DetachKeys(parseDetach('C-\\ d'));
  const text = (bytes) => String.fromCharCode(...bytes);
  const held = keys.push(new Uint8Array([97, 0x1c]));
  const left = keys.push(new TextEncoder().encode('\x1b[100ux'));
  return { name: session.name, types, keys: [text(held.pass), left.detach, typeof Buffer, typeof process] };
};`;

test('[C1] [L3] a page reads its node, and knows its keys, without anything of Node', async () => {
  skein.run('run', '-d', '--name', 'shown', '--', 'cat');
  const script = bundle(PAGE);
  const web = {
    TextEncoder,
    TextDecoder,
    crypto,
    performance,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
  };
  const context = createContext({ ...web, queueMicrotask });
  runInContext(script, context);
  const open = webSocket(join(skein.home, 'run/node.sock'));
  // As a page's own socket would: bytes of its world go in, bytes of another come out.
  const opened = async (events: Parameters<typeof open>[0]): Promise<Transport> => {
    const transport = await open(events);
    return { ...transport, buffered: 0, send: (bytes) => transport.send(Uint8Array.from(bytes)) };
  };
  const told = await (context.page as (...given: unknown[]) => Promise<Record<string, unknown>>)(
    opened,
    'shown',
  );
  expect(told).toMatchObject({ name: 'shown', keys: ['a', true, 'undefined', 'undefined'] });
  expect(told.types).toEqual(expect.arrayContaining(['session.created', 'run.started']));
});
