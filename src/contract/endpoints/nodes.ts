/** The worker processes. */
import type { Endpoint } from '../endpoint.js';
import { Node } from '../answers/nodes.js';
import { node } from '../examples.js';

export const nodeEndpoints = {
  listNodes: {
    method: 'get',
    path: '/api/nodes',
    permission: 'job:read',
    summary:
      'The worker processes, and how much they have to do; one that ended is listed for a day, unless it was told to',
    ok: { status: 200, schema: Node.array() },
    examples: { answer: [node] },
  },
} as const satisfies Record<string, Endpoint>;
