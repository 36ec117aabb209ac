import { readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import type { TemporalConfig } from './config.js';

/** What both kinds of connection take: the client's, and the worker's native one. */
export interface TemporalConnectionOptions {
  address: string;
  tls?: { serverRootCACertificate?: Buffer; clientCertPair?: { crt: Buffer; key: Buffer } };
}

/** Reads what a connection needs, certificates included. */
export async function temporalConnectionOptions(config: TemporalConfig): Promise<TemporalConnectionOptions> {
  const { address, tls } = config;
  if (!tls) return { address };
  const [ca, crt, key] = await Promise.all([
    readPem('TEMPORAL_TLS_CA', tls.ca),
    readPem('TEMPORAL_TLS_CERT', tls.cert),
    readPem('TEMPORAL_TLS_KEY', tls.key),
  ]);
  return {
    address,
    tls: { ...(ca && { serverRootCACertificate: ca }), ...(crt && key && { clientCertPair: { crt, key } }) },
  };
}

async function readPem(variable: string, file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Error(`${variable} names a file that can't be read: ${file}.`, { cause });
  }
}

/** A client that connects when it is first used, and again whenever it must: Temporal may be away when it is made. */
export async function createTemporalClient(config: TemporalConfig): Promise<Client> {
  const connection = Connection.lazy(await temporalConnectionOptions(config));
  return new Client({ connection, namespace: config.namespace });
}

/** Whether Temporal answers for the namespace within `withinMs`. */
export async function isTemporalReachable(client: Client, withinMs: number): Promise<boolean> {
  try {
    const { namespace } = client.options;
    await client.connection.withDeadline(Date.now() + withinMs, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  }
}
