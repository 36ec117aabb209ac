#!/usr/bin/env node
// Stands in for Prisma's native schema engine, which the official CLI would download: the same commands and the same
// JSON-RPC over standard input and output, but done by Prisma's own WebAssembly build of that engine
// (@prisma/schema-engine-wasm). The CLI runs it because scripts/prisma.mjs sets PRISMA_SCHEMA_ENGINE_BINARY.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { migrationAdapterFactory } from './lib/migration-adapter.mjs';

/** What the native engine calls a method, where the WebAssembly one calls it otherwise. */
const RENAMED = { getDatabaseVersion: 'version' };
/** JSON-RPC code of the native engine for "see the data field". */
const SEE_DATA = 4466;
/** Prisma's error codes for what Node and Postgres call these. */
const PRISMA_CODES = { '3D000': 'P1003', '28P01': 'P1000', ECONNREFUSED: 'P1001', ENOTFOUND: 'P1001' };
const DUPLICATE_DATABASE = '42P04';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { datamodels: { type: 'string', multiple: true }, datasource: { type: 'string' } },
});
// The engine hands the text of a panic to this before it traps.
let lastPanic = '';
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (text) => (lastPanic = text) };

const datasource = values.datasource ? JSON.parse(values.datasource) : {};

if (positionals[0] === 'cli') await answerOneCommand(positionals[1]);
else await serve();

/** `schema-engine cli <command>`: success by the exit code, words by log lines on standard error. */
async function answerOneCommand(command) {
  const database = decodeURIComponent(new URL(datasource.url).pathname.slice(1));
  const beside = new URL(datasource.url);
  beside.pathname = '/postgres';
  const name = pg.escapeIdentifier(database);
  const commands = {
    'can-connect-to-database': () => query(datasource.url, 'select 1'),
    'create-database': () => query(beside.href, `create database ${name}`),
    'drop-database': () => query(beside.href, `drop database if exists ${name} with (force)`),
  };
  process.stderr.write('\n'); // The CLI skips the first line when it parses the log.
  try {
    if (!commands[command]) throw new Error(`unknown command: cli ${command}`);
    await commands[command]();
    if (command === 'drop-database') log('INFO', 'The database was successfully dropped.');
  } catch (error) {
    // Another process was faster: it is there, which is what was asked for.
    if (command === 'create-database' && error.code === DUPLICATE_DATABASE) return;
    const words = error.message || error.errors?.map((one) => one.message).join('; ') || String(error.code);
    log('ERROR', words, { error_code: PRISMA_CODES[error.code] ?? 'P1000', is_panic: false });
    process.exitCode = 1;
  }
}

async function query(connectionString, sql) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Answers JSON-RPC, one message a line, until standard input closes. */
async function serve() {
  const factory = migrationAdapterFactory(datasource);
  let engine;
  let lastDiagnostic;
  let lastPrint = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const request = line.trim() ? JSON.parse(line) : {};
    if (!request.method) continue; // An empty line, or the CLI's answer to a `print` of ours.
    try {
      // Begun in here: it connects at once, and what fails then is an answer too.
      engine ??= await startEngine(factory, lastDiagnostic);
      const result = await call(engine, request);
      if (request.method === 'devDiagnostic') lastDiagnostic = request.params;
      // An engine that found the database behind can't replay into a shadow database: the next request gets a new
      // one, which first finds that it is up to date.
      if (request.method === 'applyMigrations') engine = undefined;
      const hasText = request.method === 'diff' && typeof result?.stdout === 'string';
      if (hasText) send({ id: ++lastPrint, method: 'print', params: { content: result.stdout } });
      send({ id: request.id, result: hasText ? { exitCode: result.exitCode } : (result ?? null) });
    } catch (error) {
      send({
        id: request.id,
        error: { code: SEE_DATA, message: 'See the data field.', data: errorData(error, factory) },
      });
    }
  }
  process.exit(0);
}

/** A new engine, in a WebAssembly instance of its own: a second one in the same instance panics. */
async function startEngine(factory, diagnostic) {
  const script = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const glue = await import(`${script}?${randomUUID()}`);
  const wasm = await readFile(new URL(script.replace(/\.js$/, '.wasm')));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const files = values.datamodels ?? [];
  const datamodels = await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')]));
  const trace = (line) => process.env.DEBUG && process.stderr.write(`${line}\n`);
  const engine = await glue.SchemaEngine.new({ datamodels: files.length > 0 ? datamodels : undefined }, trace, factory);
  if (diagnostic) await engine.devDiagnostic(diagnostic);
  return engine;
}

function call(engine, { method, params = {} }) {
  // The WebAssembly engine wants the list of namespaces even where the CLI leaves it out.
  const complete = method === 'introspect' ? { namespaces: null, ...params } : params;
  return engine[RENAMED[method] ?? method](complete);
}

/** The engine throws the number of an error that the adapter registered, or an error of its own. */
function errorData(thrown, factory) {
  const registered = typeof thrown?.id === 'number' ? factory.errorRegistry.consumeError(thrown.id)?.error : undefined;
  const error = registered ?? thrown;
  const isPanic = thrown instanceof WebAssembly.RuntimeError;
  return {
    is_panic: isPanic,
    message: isPanic ? lastPanic : (error?.message ?? String(error)),
    error_code: error?.code ?? null,
    meta: error?.meta ?? null,
  };
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function log(level, message, fields = {}) {
  const line = {
    timestamp: new Date().toISOString(),
    level,
    target: 'schema_engine::logger',
    fields: { message, ...fields },
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
