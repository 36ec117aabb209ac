import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import type { Lookup } from '../../src/handlers/http/connector.js';

const HEADER_BYTES = 12;
/** A response, with recursion, without an error (RFC 1035 section 4.1.1). */
const ANSWERED = 0x81_80;
const NAME_OF_THE_QUESTION = 0xc0_0c;
const TYPE_A = 1;
const CLASS_IN = 1;

/**
 * A DNS server on loopback that answers every question for IPv4 addresses, not to be kept, and a lookup that asks it.
 *
 * @param addressesOf the addresses for the first question, the second, and so on
 */
export async function startDnsServer(addressesOf: (question: number) => readonly string[]) {
  const socket = createSocket('udp4');
  const server = { questions: 0 };
  socket.on('message', (query, { address, port }) => {
    socket.send(answerTo(query, addressesOf((server.questions += 1))), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new dns.Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  const lookup: Lookup = async (hostname) =>
    (await resolver.resolve4(hostname)).map((address) => ({ address, family: 4 }));
  return Object.assign(server, {
    lookup,
    async close() {
      resolver.cancel();
      socket.close();
      await once(socket, 'close');
    },
  });
}

function answerTo(query: Buffer, addresses: readonly string[]): Buffer {
  // The name of the one question ends in an empty label; its type and class follow.
  const question = query.subarray(HEADER_BYTES, query.indexOf(0, HEADER_BYTES) + 5);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(ANSWERED, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, question, ...addresses.map(recordOf)]);
}

function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(NAME_OF_THE_QUESTION, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(0, 6); // seconds to live
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split('.').map(Number)).copy(record, 12);
  return record;
}
