import { connectClient } from './lib/client.ts';

const home = process.argv[2] as string;
const c0 = await connectClient(home);
const ids: string[] = [];
const { newId } = await import('@skein/protocol/ids');
for (let i = 0; i < 64; i++) {
  const id = newId();
  ids.push(id);
  await c0.command('node', 'session.create', {
    id,
    run: newId(),
    argv: ['sleep', '1000'],
    cwd: '/',
    cols: 80,
    rows: 24,
  } as never);
}
const clients = await Promise.all(ids.map(() => connectClient(home)));
for (let r = 0; r < 6; r++) {
  const t = performance.now();
  await Promise.all(
    clients.map(async (c, k) => {
      for (let n = 0; n < 400; n++)
        await c.command('node', 'session.rename', { id: ids[k] as string, name: `c${k}-${r}-${n}` });
    }),
  );
  console.log('many/s', Math.round((64 * 400 * 1000) / (performance.now() - t)));
  const one: number[] = [];
  for (let n = 0; n < 400; n++) {
    const b = performance.now();
    await (clients[0] as typeof c0).command('node', 'session.rename', {
      id: ids[0] as string,
      name: `d${r}-${n}`,
    });
    one.push(performance.now() - b);
  }
  one.sort((a, b) => a - b);
  console.log('one µs', Math.round((one[200] as number) * 1000));
}
await c0.ask('stop', { kill: true });
process.exit(0);
