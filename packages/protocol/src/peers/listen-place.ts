/** Places to listen as they are written: what can be told to be none before it is tried. Pure. */

/** Where to listen: `none`, a multiaddr, or a host and a port that there can be. Whether this machine has it only it can tell. */
export function isListenPlace(text: string): boolean {
  if (text === 'none' || /^\/.+\/tcp\/\d+/.test(text)) return true;
  const port = /^[^/]+:(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) <= 65_535;
}
