/** The scripted model as a program of its own: `node test/model/main.ts [port]`; prints its address, ends with SIGTERM. */
import { startModel } from './server.ts';

const model = await startModel(Number(process.argv[2] ?? 0));
process.stdout.write(`${model.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void model.stop());
