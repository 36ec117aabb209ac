import { type ImageReference, inFull, parseImageReference } from './image-reference.js';

/** Which images may run. No entry: any image. */
export type ImageAllowList = readonly ((image: ImageReference) => boolean)[];

/**
 * Reads the entries of an operator's list:
 *
 * - `alpine`, `registry.example.com/team/app`: this repository, with any tag or digest;
 * - `alpine:3.20`: this tag alone, and no digest beside it, since the digest would decide;
 * - `alpine@sha256:...`: this digest alone;
 * - `registry.example.com/team/*`, `registry.example.com/*`: every repository below.
 *
 * @throws Error with a sentence that names the bad entry
 */
export function parseImageAllowList(entries: readonly string[]): ImageAllowList {
  return entries.map((entry) => (entry.endsWith('/*') ? below(entry) : exactly(entry)));
}

export const isImageAllowed = (list: ImageAllowList, image: ImageReference): boolean =>
  list.length === 0 || list.some((allows) => allows(image));

function below(entry: string): ImageAllowList[number] {
  // Read with names below it: `team/*` is a folder of Docker Hub, `localhost/*` and `host:5000/*` are registries.
  const sample = `${entry.slice(0, -'/*'.length)}/x/y`;
  if (!parseImageReference(sample)) throw problem(entry);
  const prefix = inFull(sample).slice(0, -'x/y'.length);
  return ({ repository }) => repository.startsWith(prefix);
}

function exactly(entry: string): ImageAllowList[number] {
  const wanted = parseImageReference(entry);
  if (!wanted) throw problem(entry);
  if (wanted.digest !== undefined) {
    return ({ repository, digest }) => repository === wanted.repository && digest === wanted.digest;
  }
  const isAnyTag = !entry.slice(entry.lastIndexOf('/') + 1).includes(':');
  if (isAnyTag) return ({ repository }) => repository === wanted.repository;
  return ({ repository, tag, digest }) =>
    repository === wanted.repository && tag === wanted.tag && digest === undefined;
}

const problem = (entry: string): Error =>
  new Error(
    `The list of allowed images has a bad entry "${entry}": write an image such as alpine, alpine:3.20 or registry.example.com/team/app, or a folder such as registry.example.com/team/*.`,
  );
