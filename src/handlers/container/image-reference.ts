export const MAX_IMAGE_LENGTH = 255;
const DEFAULT_REGISTRY = 'docker.io';

/** An image, said in full: what the engine makes of a short name is decided here, not there. */
export interface ImageReference {
  /** Registry and path: `docker.io/library/alpine`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const REGISTRY = `(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:]+\\])(?::[0-9]{1,5})?`;
const FOLDER = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = 'sha256:[0-9a-f]{64}';

/** The grammar of distribution/reference, in lower case, with the one digest that registries use. */
const REFERENCE = new RegExp(`^((?:${REGISTRY}/)?${FOLDER}(?:/${FOLDER})*)(?::(${TAG}))?(?:@(${DIGEST}))?$`);

/**
 * Reads `alpine`, `alpine:3.20`, `registry.example.com:5000/team/app@sha256:...` as Docker does (distribution/reference,
 * "familiar names"); undefined for anything else.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > MAX_IMAGE_LENGTH) return undefined;
  const [, name, tag, digest] = REFERENCE.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { repository: inFull(name), tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** Docker Hub unless the first part looks like a host: it has a dot or a port, or is `localhost`. */
export function inFull(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = isRegistry && first !== 'index.docker.io' ? first : DEFAULT_REGISTRY;
  const path = isRegistry ? rest : [first, ...rest];
  const isOfficial = registry === DEFAULT_REGISTRY && path.length === 1;
  return [registry, ...(isOfficial ? ['library'] : []), ...path].join('/');
}

/**
 * What the engine is told. Always in full: a short name that no image has is looked up as the beginning of an image's id.
 * A digest makes the tag mean nothing, so it is left out.
 */
export function canonicalName({ repository, tag, digest }: ImageReference): string {
  return digest === undefined ? `${repository}:${tag ?? 'latest'}` : `${repository}@${digest}`;
}
