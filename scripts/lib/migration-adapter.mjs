// The driver adapter that Prisma's schema engine reaches Postgres by. The stock one (@prisma/adapter-pg) is made for
// queries; what migrations need beside that is mended here, one fault a function.
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** OID of the type "char", which the catalogue tables hold and the stock adapter does not know. */
const CHAR_OID = 18;

/**
 * @param {{ url: string, shadowDatabaseUrl?: string }} datasource
 * @returns the factory to hand to the schema engine
 */
export function migrationAdapterFactory({ url, shadowDatabaseUrl }) {
  const options = { schema: new URL(url).searchParams.get('schema') ?? undefined };
  const open = async (connectionString) => mended(await new PrismaPg({ connectionString, max: 1 }, options).connect());
  const factory = Object.assign(new PrismaPg({ connectionString: url, max: 1 }, options), {
    connect: () => open(url),
    connectToShadowDb: () => (shadowDatabaseUrl ? emptied(open, shadowDatabaseUrl) : madeForNow(open, url)),
  });
  return bindMigrationAwareSqlAdapterFactory(factory);
}

/** The shadow database that was given, emptied: it holds only what is replayed into it. */
async function emptied(open, shadowDatabaseUrl) {
  const shadow = await open(shadowDatabaseUrl);
  await shadow.executeScript('drop schema if exists public cascade; create schema public;');
  return shadow;
}

/** A shadow database beside the main one, dropped when it is closed (after its connections: else it can't be). */
async function madeForNow(open, url) {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`;
  const main = await open(url);
  await main.executeScript(`create database "${name}"`);
  const shadowUrl = new URL(url);
  shadowUrl.pathname = `/${name}`;
  const shadow = await open(shadowUrl.href);
  const close = shadow.dispose.bind(shadow);
  shadow.dispose = async () => {
    await close();
    await main.executeScript(`drop database if exists "${name}" with (force)`);
    await main.dispose();
  };
  return shadow;
}

function mended(connection) {
  readCharAsText(connection);
  sendScriptsWhole(connection);
  const start = connection.startTransaction?.bind(connection);
  if (start) connection.startTransaction = async (isolation) => mended(await start(isolation));
  return connection;
}

/** Reads "char" as text, and tells the engine that it was a character. */
function readCharAsText(connection) {
  const performIO = connection.performIO.bind(connection);
  let isChar = [];
  connection.performIO = async (query) => {
    const result = await performIO(query);
    const fields = result.fields ?? [];
    isChar = fields.map((field) => field.dataTypeID === CHAR_OID);
    for (const field of fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = pg.types.builtins.TEXT;
    return result;
  };
  const queryRaw = connection.queryRaw.bind(connection);
  connection.queryRaw = async (query) => {
    const result = await queryRaw(query);
    result.columnTypes = result.columnTypes.map((type, i) => (isChar[i] ? ColumnTypeEnum.Character : type));
    return result;
  };
}

/** The stock adapter splits a script at every ";", also inside the body of a function. */
function sendScriptsWhole(connection) {
  connection.executeScript = async (script) => {
    try {
      await connection.client.query(script);
    } catch (error) {
      connection.onError(error);
    }
  };
}
