import { isUtf8 } from 'node:buffer';
import express, { type Request, type Response } from 'express';
import { limits } from '../contract/values.js';
import { AppError } from '../domain/errors.js';
import { checkJson } from './json-check.js';

const readBytes = express.raw({ type: () => true, limit: limits.bodyBytes, inflate: false });

/** Any JSON type, in UTF-8 (the only encoding JSON has between systems: RFC 8259, section 8.1). */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** The JSON that a request brought, or undefined when it brought no body at all. */
export async function readJsonBody(req: Request, res: Response): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  if (!JSON_TYPE.test(req.headers['content-type'] ?? '')) {
    throw new AppError('unsupported_media_type', 'Send the body as JSON, with `Content-Type: application/json`.');
  }
  const text = await textOf(req, res);
  if (text === '') return undefined;
  const value = parse(text);
  checkJson(value, text);
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
  const text = await textOf(req, res);
  if (text.includes('\0')) throw new AppError('malformed_request', 'The body holds a NUL character.');
  return text === '' ? undefined : text;
}

function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

async function textOf(req: Request, res: Response): Promise<string> {
  const bytes = await bytesOf(req, res);
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

function bytesOf(req: Request, res: Response): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    readBytes(req, res, (error?: unknown) => {
      if (error === undefined) resolve(Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0));
      else reject(refusal(error));
    });
  });
}

function refusal(error: unknown): unknown {
  const status = error instanceof Error ? (error as { status?: unknown }).status : undefined;
  if (status === 413) {
    return new AppError('payload_too_large', `The body has more than ${limits.bodyBytes / 1024} KiB.`);
  }
  if (status === 415) return new AppError('unsupported_media_type', 'Send the body without a Content-Encoding.');
  if (status === 400) return new AppError('malformed_request', 'The body did not arrive whole.', { cause: error });
  return error;
}
