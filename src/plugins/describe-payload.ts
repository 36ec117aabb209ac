import { z } from 'zod';
import type { HandlerDefinition } from '../handlers/handler.js';

/**
 * What a handler's payload must look like, as JSON Schema (2020-12). Checks that JSON Schema cannot say are left out,
 * so it accepts more than the handler does. The schema may be of another copy of zod; one that ours cannot read gives
 * the schema that allows anything.
 */
export function describePayload({ payloadSchema }: Pick<HandlerDefinition, 'payloadSchema'>): Record<string, unknown> {
  try {
    return { ...z.toJSONSchema(payloadSchema, { io: 'input', unrepresentable: 'any' }) };
  } catch {
    return {};
  }
}
