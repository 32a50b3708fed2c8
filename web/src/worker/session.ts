import type { HostInfo } from '../client/options.js';
import type { FromHost } from './messages.js';

/** One page that the host serves. */
export interface Session {
  readonly role: HostInfo['role'];
  /** A channel that cannot transfer copies what is in `transfer`. */
  send(message: FromHost, transfer?: Transferable[]): void;
}
