/** Names an attachment's input. It need only be unlike that of other clients, and a real random id costs 4 ms to load. */
export function attachmentName(): string {
  return `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
