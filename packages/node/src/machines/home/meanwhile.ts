/** Work that may take long, and what is to be done from time to time as long as it does: a lease renewed while a large prompt is handed over. */

/** Resolves or rejects as `work` does, or rejects as `act` does, which is called whenever it is due: `dueIn` says in how many milliseconds. */
export async function meanwhile<T>(
  work: Promise<T>,
  dueIn: () => number,
  act: () => Promise<void>,
): Promise<T> {
  let over = false;
  const ended = work.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  while (!over) {
    let timer: NodeJS.Timeout | undefined;
    const due = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(1, dueIn()));
    });
    await Promise.race([ended, due]);
    clearTimeout(timer);
    if (!over && dueIn() <= 0) await act();
  }
  return work;
}
