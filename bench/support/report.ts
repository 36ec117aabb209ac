import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from './carillon.js';

/** One thing that was measured. */
export interface Row {
  what: string;
  carillon: string;
  bare?: string;
  /** In words, where there is one. */
  target?: string;
  /** Whether it was met; left out where there is none. */
  met?: boolean;
}

/** What one benchmark found. */
export interface Report {
  rows: Row[];
  /** Sentences on how it came to be. */
  notes: string[];
}

export interface Section extends Report {
  name: string;
}

const BEGIN = '<!-- measured: begin (written by `npm run bench`) -->';
const END = '<!-- measured: end -->';

export function markdownOf(sections: Section[], versions: string[], noise: string): string {
  const head = [
    `${new Date().toISOString().slice(0, 10)}, ${os.availableParallelism()} cores (${os.cpus()[0]?.model ?? 'unknown'}), ${versions.join(', ')}.`,
    noise,
  ];
  return [head.join('\n'), ...sections.map(sectionOf)].join('\n\n');
}

export function sectionOf({ name, rows, notes }: Section): string {
  return [`### ${name}`, tableOf(rows).join('\n'), ...notes].join('\n\n');
}

function tableOf(rows: Row[]): string[] {
  const cells = rows.map(({ what, carillon, bare = '', target = '', met }) => [
    what,
    carillon,
    bare,
    met === undefined ? target : `${target} ${met ? '(met)' : '(**missed**)'}`,
  ]);
  const head = ['', 'Carillon', 'bare Temporal', 'target'];
  const widths = head.map((title, i) => Math.max(3, title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...cells.map(line)];
}

/** Puts what was measured into the README beside the benchmarks. */
export function writeReadme(markdown: string): void {
  const file = path.join(projectRoot, 'bench/README.md');
  const text = readFileSync(file, 'utf8');
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`${file} has lost the marks between which figures are written.`);
  writeFileSync(file, `${text.slice(0, before + BEGIN.length)}\n\n${markdown}\n\n${text.slice(after)}`);
}
