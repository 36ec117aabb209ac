// Is what was made from files older than they are? Nothing but Node may be imported here.
import fs from 'node:fs';
import path from 'node:path';
import { inProject } from './project.mjs';

/** When a file was last changed, in ms since 1970; 0 when it is not there. */
const changedAt = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Is what the lock file names installed? By time where that is clear (npm writes its own note last), else by content. */
export function isInstalled() {
  const [lock, installed] = [inProject('package-lock.json'), inProject('node_modules/.package-lock.json')];
  if (!fs.existsSync(installed)) return false;
  return changedAt(installed) >= changedAt(lock) || hasAllOf(packagesOf(lock), packagesOf(installed));
}

const packagesOf = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;

/** Optional packages are those of other systems. */
function hasAllOf(wanted, installed) {
  return Object.entries(wanted).every(
    ([where, { integrity, optional }]) =>
      where === '' || (installed[where]?.integrity ?? (optional && integrity)) === integrity,
  );
}

export const isPrismaClientFresh = () =>
  changedAt(inProject('src/generated/prisma/client.ts')) >= changedAt(inProject('prisma/schema.prisma'));

/**
 * What the build was made from: path, size and time of change of every source. A listing, and no newest time: that
 * also tells a source that was deleted, or replaced by an older one.
 */
export function sourceListing() {
  const lines = ['package-lock.json', 'tsconfig.json'].map(lineOf);
  for (const entry of fs.readdirSync(inProject('src'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) lines.push(lineOf(path.relative(inProject(), path.join(entry.parentPath, entry.name))));
  }
  return lines.toSorted().join('\n');
}

function lineOf(file) {
  const { size, mtimeMs } = fs.statSync(inProject(file));
  return `${file} ${size} ${mtimeMs}`;
}
