import pg from 'pg';

/**
 * The connections of this process. Each acts for the system, as the user that it was opened by, or for one project: as the
 * role `carillon_project`, which finds views of that project's rows where the tables are
 * (docs/decisions/0015-rows-of-one-project.md). Whom one acts for is seen to whenever it is taken, and changed only where it
 * differs: that costs a round trip.
 */
export class ScopedPool extends pg.Pool {
  /** The projects that connections act for; those that are not in it act for the system. */
  readonly #projects = new WeakMap<pg.PoolClient, string>();

  /** Takes a connection that acts for a project. */
  connectFor(projectId: string): Promise<pg.PoolClient> {
    return this.#take(projectId);
  }

  /** Takes a connection that acts for the system: also whoever knows this as a pool like any other, such as Prisma, gets one. */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    const taken = this.#take(undefined);
    if (!callback) return taken;
    taken.then(
      (client) => callback(undefined, client, (error) => client.release(error)),
      (error: unknown) => callback(error as Error, undefined, () => undefined),
    );
  }

  async #take(projectId: string | undefined): Promise<pg.PoolClient> {
    const client = await super.connect();
    if (this.#projects.get(client) === projectId) return client;
    if (projectId === undefined) {
      await changeScope(client, 'reset role; reset search_path; reset carillon.project_id');
      this.#projects.delete(client);
    } else {
      const project = pg.escapeLiteral(projectId);
      await changeScope(
        client,
        `set role carillon_project; set search_path = project_rows, public; set carillon.project_id = ${project}`,
      );
      this.#projects.set(client, projectId);
    }
    return client;
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** All of the statements take effect, or none. A connection of which that is not known is closed. */
async function changeScope(client: pg.PoolClient, statements: string): Promise<void> {
  try {
    await client.query(statements);
  } catch (cause) {
    client.release(true);
    throw isNotAllowed(cause) ? new Error(NOT_ALLOWED, { cause }) : cause;
  }
}

const NOT_ALLOWED =
  'The database user may not act as the role carillon_project: migrate the database, or let an administrator grant it ' +
  'the role (docs/guides/deploying.md).';

/** No such role, or no member of it. */
function isNotAllowed(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === '42501' || code === '22023';
}
