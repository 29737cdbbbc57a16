/** What the user of the machine that was asked is called: "you", unless it is another machine. */

let called: string | undefined;

/** Before a machine is asked: the first one counts, for commands that ask several begin at home. */
export function askedOf(node: string | undefined): void {
  called ??= node === undefined ? 'you' : 'its owner';
}

export function ownerCalled(): string {
  return called ?? 'you';
}
