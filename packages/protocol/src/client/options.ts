/** What a client needs to know before it connects. */
import type { Connect } from './transport.ts';

/** What is left to be said by whoever ends without closing; it is sent before the call returns, if the transport can. */
export interface Leaving {
  acknowledge(): void;
}

export interface ClientOptions {
  connect: Connect;
  name: string;
  version: string;
  /** Of an agent: the token of its capability, said with each hello (rule N1). */
  proof?: string;
  /** Milliseconds to go on trying after a connection is lost; 0 means not at all. */
  retryFor?: number;
  /** The client's own id, under which its commands have receipts; by default a new random one. */
  id?: string;
  /**
   * Does not wait for the node to agree: the first asks go out right behind the hello, and are refused with it. For a
   * client that has one question and no time.
   */
  eager?: boolean;
  /**
   * Those to be told when the program is about to end: the client is among them as long as it is open. Without an
   * acknowledgement the receipts of what it has asked for last would be kept for ever (rule K2).
   */
  leaving?: Set<Leaving>;
  /** Told when the connection is lost and when it is back. What it throws is nobody's but its own. */
  onConnection?: (state: 'lost' | 'back') => void;
}
