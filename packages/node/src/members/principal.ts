/** On whose behalf a connection speaks: known from how it came, never from what it says (rule K1). */
import { LOCAL_OWNER } from '@skein/protocol/members/who';

/** The machine's user, on its own socket; or a device, by the key with which it proved itself, written as a PeerId. */
export type Principal = typeof LOCAL_OWNER | { kind: 'device'; device: string };

export const LOCAL_USER: Principal = LOCAL_OWNER;
