import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { NonRetryableError } from '../handler.js';
import { type AllowList, allowsAddress, allowsHost } from './allow-list.js';

/** Where a connection is going: the name or literal of the URL, as the URL parser writes it, without brackets. */
export interface Target {
  readonly hostname: string;
  readonly port: number;
}

/** What IANA calls global unicast today (RFC 4291 section 2.4, IANA IPv6 address space); the rest of IPv6 is special or unassigned. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/**
 * Public by its number, private by its meaning: the address of the Azure host agent, which hands out a machine's
 * credentials. (The other clouds' metadata services live in link-local, shared or unique local space.)
 */
const AZURE_HOST_AGENT = '168.63.129.16';

/** The `[` and `]` of an IPv6 literal in a URL are no part of the address. */
export const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/**
 * Whether an address belongs to the public internet. Everything that is not plainly global unicast in the IANA
 * special-purpose registries (RFC 6890) is not: private, shared, loopback, link-local, documentation, multicast,
 * reserved, and every IPv6 form that carries an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo).
 */
export function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  // ipaddr.js calls ::/96 and all unassigned space unicast.
  if (address instanceof ipaddr.IPv6) return address.match(GLOBAL_UNICAST);
  return address.toString() !== AZURE_HOST_AGENT;
}

/** Whether a connection to `address` may be made for `target`: it is public, or the operator lists the address or the name. */
export function isPermitted(list: AllowList, target: Target, address: string): boolean {
  if (isIP(address) === 0) return false;
  if (allowsHost(list, target.hostname, target.port)) return true;
  const parsed = ipaddr.parse(address);
  if (isPublic(parsed) || allowsAddress(list, parsed, target.port)) return true;
  // The socket of a mapped address goes to the IPv4 one, so a listed IPv4 address may be written either way.
  return (
    parsed instanceof ipaddr.IPv6 &&
    parsed.isIPv4MappedAddress() &&
    allowsAddress(list, parsed.toIPv4Address(), target.port)
  );
}

/**
 * The addresses of `resolved` that may be connected to.
 *
 * @throws NonRetryableError `address_denied` when there is none
 */
export function permittedOf<T extends { address: string }>(
  list: AllowList,
  target: Target,
  resolved: readonly T[],
): T[] {
  const permitted = resolved.filter(({ address }) => isPermitted(list, target, address));
  if (permitted.length === 0) throw addressDenied(target);
  return permitted;
}

/**
 * Says what the payload named and the way to allow it; nothing of what is behind it, as no connection was made; and not
 * what a name resolves to, or strangers could read the private names of the network this node is in.
 */
export function addressDenied({ hostname, port }: Target): NonRetryableError {
  const what =
    isIP(hostname) === 0
      ? `The host ${hostname} resolves to an address that is not public`
      : `The address ${hostname} is not public`;
  const entry = hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  return new NonRetryableError(
    'address_denied',
    `${what}, so http jobs may not call it; an operator can allow it by listing ${entry} in CARILLON_HTTP_ALLOW.`,
  );
}
