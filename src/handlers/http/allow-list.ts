import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Range {
  readonly network: Address;
  readonly bits: number;
  /** Undefined: any port. */
  readonly port: number | undefined;
}

interface Host {
  readonly name: string;
  readonly port: number | undefined;
}

/** What an operator lets `http` jobs reach besides public addresses. */
export interface AllowList {
  readonly ranges: readonly Range[];
  readonly hosts: readonly Host[];
}

/** RFC 1123 labels; an underscore too, since container networks use it. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** A last label that is a number makes the URL parser read the whole as an IPv4 address (WHATWG URL, "ends in a number"). */
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/**
 * Reads CARILLON_HTTP_ALLOW: a comma list of CIDRs, addresses and host names, each with an optional port, such as
 * `127.0.0.1:9000, 10.0.0.0/8, [::1]:9000, [fd00::/8]:443, internal.example:443, localhost`. An empty text allows nothing more.
 *
 * @throws Error with a sentence that names the bad entry
 */
export function parseAllowList(text: string): AllowList {
  const ranges: Range[] = [];
  const hosts: Host[] = [];
  const entries = text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim());
  for (const entry of entries) {
    const { target, port } = splitPort(entry);
    const range = rangeOf(entry, target, port);
    if (range) ranges.push(range);
    else hosts.push({ name: hostOf(entry, target), port });
  }
  return { ranges, hosts };
}

/** Whether a listed name (as the URL parser writes it) may be called on this port, whatever it resolves to. */
export function allowsHost(list: AllowList, hostname: string, port: number): boolean {
  const name = plainName(hostname);
  return list.hosts.some((host) => host.name === name && isPort(host.port, port));
}

/** Whether a listed address or range covers this address and port. */
export function allowsAddress(list: AllowList, address: Address, port: number): boolean {
  return list.ranges.some((range) => isPort(range.port, port) && covers(range, address));
}

function covers(range: Range, address: Address): boolean {
  // match() throws on two different kinds; the compiler asks for a narrowing on both sides.
  if (address instanceof ipaddr.IPv4)
    return range.network instanceof ipaddr.IPv4 && address.match(range.network, range.bits);
  return range.network instanceof ipaddr.IPv6 && address.match(range.network, range.bits);
}

const isPort = (listed: number | undefined, port: number): boolean => listed === undefined || listed === port;

/** Lower case, without the dot of a fully qualified name: both name the same host. */
const plainName = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '');

function splitPort(entry: string): { target: string; port: number | undefined } {
  const bracketed = /^\[([^[\]]*)\](?::(.*))?$/.exec(entry);
  if (bracketed) {
    const target = bracketed[1] ?? '';
    if (!target.includes(':')) throw problem(entry, 'brackets are for IPv6 addresses');
    return { target, port: portOf(entry, bracketed[2]) };
  }
  const [target = '', port, ...more] = entry.split(':');
  // Two colons or more: an IPv6 address without brackets, which can't have a port.
  if (more.length > 0) return { target: entry, port: undefined };
  return { target, port: portOf(entry, port) };
}

function portOf(entry: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw problem(entry, 'the port must be a number from 1 to 65535');
  return port;
}

function rangeOf(entry: string, target: string, port: number | undefined): Range | undefined {
  const [address = '', bits, ...more] = target.split('/');
  const network =
    ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address) ? ipaddr.parse(address) : undefined;
  if (!network) {
    if (bits !== undefined || address.includes(':')) throw problem(entry, 'it is no IP address or CIDR');
    return undefined;
  }
  if (address.includes('%')) throw problem(entry, 'an IPv6 zone cannot be given');
  const width = network.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return { network, bits: width, port };
  if (more.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > width) {
    throw problem(entry, `the prefix length must be a number from 0 to ${width}`);
  }
  return { network: withoutHostBits(entry, network, Number(bits)), bits: Number(bits), port };
}

/** `10.1.2.3/8` lets in 16 million addresses where one may have been meant: have it said plainly. */
function withoutHostBits(entry: string, network: Address, bits: number): Address {
  const bytes = network.toByteArray();
  const clean = bytes.map((byte, index) => byte & (0xff << Math.min(8, Math.max(0, 8 * (index + 1) - bits))) & 0xff);
  const first = ipaddr.fromByteArray(clean);
  if (first.toString() === network.toString()) return network;
  throw problem(entry, `write ${first.toString()}/${bits} for the whole range, or the address alone`);
}

function hostOf(entry: string, target: string): string {
  const name = plainName(target);
  if (target === '') throw problem(entry, 'it is empty');
  if (target.includes('://')) throw problem(entry, 'write the host alone, without a scheme');
  if (target.includes('*')) throw problem(entry, 'wildcards cannot be used: list each name, or a CIDR');
  if (NUMERIC_END.test(name)) throw problem(entry, 'write an IPv4 address as four decimal numbers');
  if (!HOST_NAME.test(name)) throw problem(entry, 'it is no IP address, CIDR or host name');
  return name;
}

function problem(entry: string, why: string): Error {
  return new Error(
    `CARILLON_HTTP_ALLOW has a bad entry "${entry}": ${why}. Entries are CIDRs, addresses or host names, each with an optional port, separated by commas.`,
  );
}
