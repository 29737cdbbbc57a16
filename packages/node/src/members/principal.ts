/** On whose behalf a connection speaks: known from how it came, never from what it says (rule K1). */

/** The machine's user, on its own socket; or a device, by the key with which it proved itself, written as a PeerId. */
export type Principal = { kind: 'owner'; via: 'local' } | { kind: 'device'; device: string };

export const LOCAL_USER: Principal = { kind: 'owner', via: 'local' };
