/** Whether a node is there to answer a hook that waits. */

/** Milliseconds between two looks whether it is back. */
const AGAIN_MS = 250;

/** Given up when the program ends its hook. */
export function givenUp(): AbortController {
  const giveUp = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => giveUp.abort());
  return giveUp;
}

/** Gives up when no node has listened for `away` milliseconds; looks first after `patience`. */
export async function whileThere(
  socket: string,
  giveUp: AbortController,
  { away: most, patience = 0 }: { away: number; patience?: number },
): Promise<void> {
  let away = performance.now();
  if (patience > 0) await new Promise((resolve) => setTimeout(resolve, patience));
  const { connect } = await import('node:net');
  const look = () => {
    const connection = connect(socket);
    connection.on('connect', () => {
      away = Number.POSITIVE_INFINITY;
    });
    connection.on('error', () => {});
    connection.on('close', () => {
      if (away === Number.POSITIVE_INFINITY) away = performance.now();
      if (performance.now() - away > most) giveUp.abort();
      else setTimeout(look, AGAIN_MS);
    });
  };
  look();
}
