import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import { types } from 'node:util';
import { buildConnector } from 'undici';
import { addressDenied, isPermitted, permittedOf, type Target, withoutBrackets } from './address-guard.js';
import type { AllowList } from './allow-list.js';

/** How long a TCP and TLS handshake may take, in milliseconds; the request's own deadline may end it earlier. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Every address of a host name; rejects as `dns.lookup` does. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

export const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true });

/**
 * Makes undici's connect function with the guard in it: a name is resolved once, its forbidden addresses are dropped,
 * and the socket is given the remaining ones, so that no second resolution can put another in their place (DNS
 * rebinding). Literals are judged as they are, since sockets never resolve them. What the socket then reached is
 * checked again.
 */
export function guardedConnector(allowList: AllowList, lookup: Lookup): buildConnector.connector {
  return (options, callback) => {
    void guardedConnect(allowList, lookup, options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(types.isNativeError(error) ? error : new Error(String(error)), null),
    );
  };
}

async function guardedConnect(allowList: AllowList, lookup: Lookup, options: buildConnector.Options): Promise<Socket> {
  const target: Target = {
    hostname: withoutBrackets(options.hostname),
    port: Number(options.port) || (options.protocol === 'https:' ? 443 : 80),
  };
  const permitted = permittedOf(allowList, target, await addressesOf(lookup, target.hostname));
  const socket = await connect(permitted, options);
  const peer = socket.remoteAddress;
  // A socket that has closed already names no peer: it carries nothing, and undici reports it as closed.
  if (peer !== undefined && !isPermitted(allowList, target, peer)) {
    socket.destroy();
    throw addressDenied(target);
  }
  return socket;
}

async function addressesOf(lookup: Lookup, hostname: string): Promise<readonly LookupAddress[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  const addresses = await lookup(hostname);
  if (addresses.length === 0) throw Object.assign(new Error('The name has no address.'), { code: 'ENODATA' });
  return addresses;
}

function connect(pinned: readonly LookupAddress[], options: buildConnector.Options): Promise<Socket> {
  // One connector a connection: undici fixes the lookup when it makes a connector. Certificates are always verified.
  const connector = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    maxCachedSessions: 0,
    lookup: (_hostname, wanted, done) => answer(pinned, wanted, done),
  });
  return new Promise((resolve, reject) => {
    connector(options, (...[error, socket]) => (error ? reject(error) : resolve(socket)));
  });
}

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

function answer(pinned: readonly LookupAddress[], wanted: LookupOptions, done: LookupDone): void {
  const [first] = pinned;
  if (wanted.all) done(null, [...pinned]);
  else if (first) done(null, first.address, first.family);
}
