import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A service of docker-compose.yml: the fields that the tests look at. */
export interface Service {
  image: string;
  build?: { target: string };
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  networks: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  restart: string;
  stop_grace_period?: string;
  read_only: boolean;
  cap_drop: string[];
}

/** Reads docker-compose.yml as compose does, with these variables and the defaults in it. */
export function readCompose(variables: Record<string, string>): Map<string, Service> {
  const file = parse(
    read('docker-compose.yml'),
    (_key, value: unknown) => (typeof value === 'string' ? interpolated(value, variables) : value),
    { merge: true },
  ) as { services: Record<string, Service> };
  return new Map(Object.entries(file.services));
}

/** A file of the project, by its path in it. */
export const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** Puts in what `${NAME}`, `${NAME:-default}` and `${NAME:?complaint}` stand for. */
function interpolated(text: string, variables: Record<string, string>): string {
  return text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_all, name: string, sign: string, otherwise: string) => {
    const value = variables[name] ?? '';
    if (value === '' && sign === '?') throw new Error(`${name} ${otherwise}`);
    return value === '' ? otherwise : value;
  });
}
