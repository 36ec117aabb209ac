import { isUtf8 } from 'node:buffer';
import express, { type Request, type Response } from 'express';
import type { BodyLimits } from '../contract/endpoint.js';
import { limits } from '../contract/values.js';
import { AppError } from '../domain/errors.js';
import { checkJson } from './json-check.js';

/** What a body may hold where its endpoint says nothing else. */
const commonLimits: BodyLimits = {
  bytes: limits.bodyBytes,
  jsonDepth: limits.jsonDepth,
  jsonKeys: limits.jsonKeys,
};

/** Any JSON type, in UTF-8 (the only encoding JSON has between systems: RFC 8259, section 8.1). */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** The JSON that a request brought, or undefined when it brought no body at all. */
export async function readJsonBody(req: Request, res: Response, most = commonLimits): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  if (!JSON_TYPE.test(req.headers['content-type'] ?? '')) {
    throw new AppError('unsupported_media_type', 'Send the body as JSON, with `Content-Type: application/json`.');
  }
  const text = await textOf(req, res, most);
  if (text === '') return undefined;
  const value = parse(text);
  checkJson(value, text, most);
  return value;
}

/** The text that a request brought, or undefined when it brought no body at all. */
export async function readTextBody(req: Request, res: Response, type: string): Promise<string | undefined> {
  if (!hasBody(req)) return undefined;
  const [given = '', ...parameters] = (req.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.find((parameter) => /^\s*charset=/.test(parameter));
  if (given.trim() !== type || (charset !== undefined && !/^\s*charset="?utf-8"?\s*$/.test(charset))) {
    throw new AppError('unsupported_media_type', `Send the body as text, with \`Content-Type: ${type}\`, in UTF-8.`);
  }
  const text = await textOf(req, res, commonLimits);
  if (text.includes('\0')) throw new AppError('malformed_request', 'The body holds a NUL character.');
  return text === '' ? undefined : text;
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

async function textOf(req: Request, res: Response, most: BodyLimits): Promise<string> {
  const bytes = await bytesOf(req, res, most);
  if (!isUtf8(bytes)) throw new AppError('malformed_request', 'The body is not valid UTF-8.');
  return bytes.toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the body.
    throw new AppError('malformed_request', 'The body is not valid JSON.');
  }
}

/** Readers by how much they read. */
const readers = new Map<number, ReturnType<typeof express.raw>>();

function readerOf(bytes: number): ReturnType<typeof express.raw> {
  const reader = readers.get(bytes) ?? express.raw({ type: () => true, limit: bytes, inflate: false });
  readers.set(bytes, reader);
  return reader;
}

function bytesOf(req: Request, res: Response, { bytes }: BodyLimits): Promise<Buffer> {
  if (req.headers.expect !== undefined) {
    // Whoever may not call was told so before they sent it, and so is who would send too much. (Of who sends without
    // asking, all is read and thrown away: the end of the connection would reach them before the answer.)
    if (Number(req.headers['content-length'] ?? 0) > bytes) return Promise.reject(tooLarge(bytes));
    res.writeContinue();
  }
  return new Promise((resolve, reject) => {
    readerOf(bytes)(req, res, (error?: unknown) => {
      if (error === undefined) resolve(Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0));
      else reject(refusal(error, bytes));
    });
  });
}

function tooLarge(bytes: number): AppError {
  return new AppError('payload_too_large', `The body has more than ${bytes / 1024} KiB.`);
}

function refusal(error: unknown, bytes: number): unknown {
  const status = error instanceof Error ? (error as { status?: unknown }).status : undefined;
  if (status === 413) return tooLarge(bytes);
  if (status === 415) return new AppError('unsupported_media_type', 'Send the body without a Content-Encoding.');
  if (status === 400) return new AppError('malformed_request', 'The body did not arrive whole.', { cause: error });
  return error;
}
