/** A process of its own that asks a node for its sessions, as an honest client would: started with the node's home. */
import { tellAnswerTimes } from './answer-times.ts';
import { connectNode } from './transport.ts';

const client = await connectNode(process.argv[2] ?? '', { retryFor: 5_000 });
await tellAnswerTimes(() => client.ask('sessions', {}));
