import { createHash } from 'node:crypto';
import { AppError } from '../domain/errors.js';

/** 96 bits tell representations apart. */
const HASH_LENGTH = 16;

/**
 * The strong ETag of a job: its generation, which is what a change is made to, and a hash of what is shown of it. A job's
 * status moves without a new generation, and its payload is not shown to all.
 */
export function etagOf(generation: number, body: string): string {
  return `"${generation}.${createHash('sha256').update(body).digest('base64url').slice(0, HASH_LENGTH)}"`;
}

interface EntityTag {
  readonly isWeak: boolean;
  readonly opaque: string;
}

/**
 * The generations that an If-Match lets a job be of; undefined when any will do. Strong comparison, as RFC 9110, section
 * 13.1.1 wants it; what stands behind the generation is not compared.
 *
 * @throws AppError `malformed_request` for what is no list of entity tags
 */
export function readIfMatch(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = readTags(header);
  if (!tags) {
    const message = 'must be * or entity tags in quotes, as the ETag of the job is written';
    throw new AppError('malformed_request', `If-Match ${message}.`, { problems: [{ parameter: 'If-Match', message }] });
  }
  return tags.flatMap(({ isWeak, opaque }) => {
    const [, generation] = /^([1-9]\d{0,14})(?:\.[\w-]+)?$/.exec(opaque) ?? [];
    return isWeak || generation === undefined ? [] : [Number(generation)];
  });
}

/** Whether an If-None-Match names this ETag, or any. One that cannot be read names none: the answer goes out whole. */
export function namesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || (readTags(header) ?? []).some(({ opaque }) => `"${opaque}"` === etag);
}

/** The entity tags of a list (RFC 9110, section 8.8.3); undefined when it is none. */
function readTags(header: string): EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  const tag = /[ \t]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)/y;
  while (tag.lastIndex < header.length) {
    const [, weak, opaque] = tag.exec(header) ?? [];
    if (opaque === undefined) return undefined;
    tags.push({ isWeak: weak !== undefined, opaque });
  }
  return tags.length === 0 ? undefined : tags;
}
