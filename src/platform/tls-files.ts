import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './http-server.js';
import type { Logger } from './logging.js';
import { startRounds } from './rounds.js';

/** Paths of PEM files. */
export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
}

/** A renewed certificate is served within this time, in milliseconds. */
const LOOK_EVERY_MS = 10_000;

/**
 * Reads a certificate and its key.
 *
 * @throws with a sentence when a file cannot be read, is no PEM, or they are not of each other
 */
export async function readTlsFiles(paths: TlsPaths): Promise<TlsFiles> {
  const [cert, key] = await Promise.all([read('CARILLON_TLS_CERT', paths.cert), read('CARILLON_TLS_KEY', paths.key)]);
  try {
    // Of a text that is empty, as a file is while it is written, this alone would make a server without a certificate.
    if (cert === '' || key === '') throw new Error('A file is empty.');
    createSecureContext({ cert, key });
  } catch (error) {
    throw new Error(`${paths.cert} and ${paths.key} are no certificate and its key.`, { cause: error });
  }
  return { cert, key };
}

async function read(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`The file ${path} (${variable}) cannot be read.`, { cause: error });
  }
}

/**
 * Hands on each new certificate that the files hold. They are read again, not watched: a mounted secret is replaced by
 * moving links, of which watchers miss some. What is broken, or half written, is told once and leaves the old one.
 */
export function followTlsFiles(
  paths: TlsPaths,
  first: TlsFiles,
  options: { onChange: (files: TlsFiles) => void; logger: Logger; lookEveryMs?: number },
): { stop(): Promise<void> } {
  const { onChange, logger, lookEveryMs = LOOK_EVERY_MS } = options;
  let current = first;
  let told = '';
  return startRounds(
    lookEveryMs,
    async () => {
      const files = await readTlsFiles(paths);
      told = '';
      if (files.cert === current.cert && files.key === current.key) return;
      onChange(files);
      current = files;
      logger.info({ validTo: new X509Certificate(files.cert).validTo }, 'the certificate was changed');
    },
    (error) => {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told) logger.error({ err: error }, 'the new certificate cannot be used: the old one is kept');
      told = message;
    },
  );
}
