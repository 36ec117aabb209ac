import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Tells the address of a request's client. `X-Forwarded-For` counts as far as proxies that are trusted wrote it: from its
 * right end, up to the first address that is none of theirs. What stands left of that anybody may have made up.
 *
 * @param trustedProxies addresses and CIDRs
 */
export function clientAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const ranges = trustedProxies.map((text) => {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128] as [Address, number];
  });
  const isTrusted = (address: Address) =>
    ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));

  return ({ socket, headers }) => {
    let client = read(socket.remoteAddress ?? '');
    if (!client) return UNKNOWN;
    if (ranges.length === 0) return client.toString();
    const forwarded = headers['x-forwarded-for'];
    const hops = (typeof forwarded === 'string' ? forwarded : '').split(',');
    while (isTrusted(client)) {
      const hop = read(withoutPort(hops.pop()?.trim() ?? ''));
      if (!hop) break;
      client = hop;
    }
    return client.toString();
  };
}

/** Of a connection that is gone already. */
const UNKNOWN = 'unknown';

/** What counts as one caller: of IPv6 a /64, which is what a single customer has at least. */
export function callerOfAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv6.parse(address).parts;
  return `${[a, b, c, d].map((part) => part.toString(16)).join(':')}::/64`;
}

/** An address in one writing, IPv4 within IPv6 as IPv4; undefined for what is none. */
function read(text: string): Address | undefined {
  // A zone names a network card of this machine.
  const [address = ''] = text.split('%', 1);
  const isWritten = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  return isWritten ? ipaddr.process(address) : undefined;
}

/** Some proxies write the port, too. */
function withoutPort(text: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}
