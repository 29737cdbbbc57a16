/** Calls what a user of the client has given it. */

/** What it throws is that user's: told as such, by whoever tells of errors that nobody catches, and changes nothing here. */
export function aside(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
