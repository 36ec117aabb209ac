import type { Node } from '../../contract/answers.js';
import { listNodes, NODE_LOST_AFTER_MS, type SeenNode } from '../../store/nodes.js';
import type { Routes } from '../calls.js';

export const nodeRoutes: Routes<'listNodes'> = {
  async listNodes({ ports }) {
    const now = ports.commands.clock.now();
    return { body: (await listNodes(ports.commands.db, now)).map((node) => nodeAnswer(node, now)) };
  },
};

function nodeAnswer({ id, role, pools, version, load, startedAt, lastSeenAt }: SeenNode, now: number): Node {
  const { running = 0, waiting = 0, held = 0, places = 0, cpu = 0, memory = 0, draining = false } = load;
  const isLost = now - lastSeenAt.getTime() > NODE_LOST_AFTER_MS;
  return {
    node: id,
    role: role as Node['role'],
    pools,
    version,
    status: isLost ? 'lost' : draining ? 'draining' : 'up',
    startedAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    load: { running, waiting, held, places, cpu, memory },
  };
}
