import { isGrpcServiceError, type Client } from '@temporalio/client';
import { searchAttributes } from '../workflows/messages.js';

/** Temporal's number for a keyword attribute (temporal.api.enums.v1.IndexedValueType). */
const KEYWORD = 2;
/** gRPC's code for what is there already. */
const ALREADY_EXISTS = 6;

/**
 * Registers what operators may filter job workflows by, where the namespace lacks it: a workflow that carries an
 * unknown attribute is refused. May be repeated, and by several processes at once.
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  try {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(Object.values(searchAttributes).map(({ name }) => [name, KEYWORD])),
    });
  } catch (error) {
    if (!(isGrpcServiceError(error) && error.code === ALREADY_EXISTS)) throw error;
  }
}
