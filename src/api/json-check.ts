import type { BodyLimits } from '../contract/endpoint.js';
import { AppError } from '../domain/errors.js';
import { pointerOf } from './pointers.js';

type JsonLimits = Pick<BodyLimits, 'jsonDepth' | 'jsonKeys'>;

/**
 * Refuses JSON that is valid but does harm further in: nested so deep that it breaks what walks it, NUL and lone
 * surrogates (Postgres takes neither), numbers beyond a double's range (they would turn into null), and `__proto__`.
 *
 * @throws AppError with a pointer to the place
 */
export function checkJson(value: unknown, text: string, most: JsonLimits): void {
  // Characters that valid UTF-8 and JSON do not allow as they are can only be written as escapes.
  new Check(text.includes('\\u'), most).visit(value, 1);
}

class Check {
  private readonly path: (string | number)[] = [];
  private keys = 0;

  constructor(
    private readonly looksAtText: boolean,
    private readonly most: JsonLimits,
  ) {}

  visit(value: unknown, depth: number): void {
    if (typeof value === 'string') this.visitText(value);
    else if (typeof value === 'number') {
      if (!Number.isFinite(value)) this.refuse('holds a number that is too large');
    } else if (typeof value === 'object' && value !== null) this.visitMembers(value, depth);
  }

  private visitMembers(value: object, depth: number): void {
    if (depth > this.most.jsonDepth) this.refuse(`is nested deeper than ${this.most.jsonDepth} levels`);
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) this.visitMember(index, value[index], depth);
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      this.keys += 1;
      if (this.keys > this.most.jsonKeys) this.refuse(`has more than ${this.most.jsonKeys} keys`);
      if (key === '__proto__') this.refuse('has the key "__proto__", which is not taken');
      this.visitText(key);
      this.visitMember(key, member, depth);
    }
  }

  private visitMember(key: string | number, member: unknown, depth: number): void {
    this.path.push(key);
    this.visit(member, depth + 1);
    this.path.pop();
  }

  private visitText(text: string): void {
    if (!this.looksAtText) return;
    if (text.includes('\0')) this.refuse('holds a NUL character');
    if (/\p{Surrogate}/u.test(text)) this.refuse('holds half of a surrogate pair');
  }

  private refuse(what: string): never {
    const pointer = pointerOf(this.path);
    throw new AppError('validation_failed', `${pointer === '' ? 'The body' : pointer} ${what}.`, {
      problems: [{ pointer, message: what }],
    });
  }
}
