import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const SOURCE_MAP = '\n//# sourceMappingURL=';
const HEX_DIGITS = 12;

/** The build id of a workflow bundle: the same for the same code, wherever it was built (its source map names folders). */
export async function buildIdOf(workflowBundle: string): Promise<string> {
  const bundle = await readFile(workflowBundle, 'utf8');
  const end = bundle.lastIndexOf(SOURCE_MAP);
  const code = end < 0 ? bundle : bundle.slice(0, end);
  return createHash('sha256').update(code).digest('hex').slice(0, HEX_DIGITS);
}
