import { connectSkein } from '@skein/client';
import { newId } from '@skein/protocol/ids';

const skein = await connectSkein();
const { client } = skein;
const id = newId();
const { handle } = await client.ask('env', { vars: { PATH: process.env.PATH } });
const size = { cols: 80, rows: 24 };
await client.command('node', 'session.create', {
  id,
  run: newId(),
  argv: ['sh'],
  cwd: '/tmp/skf-csqeUK/h',
  ...size,
  env: handle,
});

await client.ask('tool', {
  call: newId(),
  session: id,
  name: 'type',
  input: { text: 'echo $((6 * 7)); exit 3', keys: ['enter'] },
});
const { run } = await client.ask('ended', { ref: id });
const { data } = await client.ask('screen', { ref: id, form: 'text' });
console.log(run.code, data.trimEnd());
skein.close();
