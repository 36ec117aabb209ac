// `npm run db:migrate`, `db:new` and `db:drift`: the official Prisma CLI with a database to work on.
import { ensure } from './lib/ensure.mjs';
import { inProject } from './lib/project.mjs';
import { fail, runNode, runQuietly } from './lib/run.mjs';

const prisma = (args, env) => runNode(inProject('scripts/prisma.mjs'), args, env);

const commands = {
  /** Applies what is pending to DATABASE_URL, or to the embedded database of the data folder. */
  async migrate() {
    if (process.env.DATABASE_URL) return prisma(['migrate', 'deploy']);
    const { withEmbeddedPostgres } = await import('./lib/embedded-postgres.mjs');
    return withEmbeddedPostgres((postgres) =>
      prisma(['migrate', 'deploy'], { DATABASE_URL: postgres.url('carillon') }),
    );
  },

  /** Writes the SQL that takes the newest migration to what schema.prisma says now, as a new migration. */
  async new([name]) {
    if (!/^[a-z][a-z0-9_]*$/.test(name ?? '')) fail('Name the migration: npm run db:new -- add_tags_to_jobs');
    return onThrowAway(({ url }) =>
      prisma(['migrate', 'dev', '--create-only', '--name', name], { DATABASE_URL: url('carillon') }),
    );
  },

  /** Fails when the migrations do not add up to schema.prisma. */
  async drift() {
    const { code, output } = await onThrowAway(({ url }) =>
      runQuietly(process.execPath, [inProject('scripts/prisma.mjs'), ...DIFF], {
        // Both are in every new cluster. The shadow is where the migrations are replayed.
        DATABASE_URL: url('postgres'),
        SHADOW_DATABASE_URL: url('template1'),
      }),
    );
    // Its words too: the CLI has been seen to end with 0 when its engine had died.
    if (code === 0 && output.includes('No difference detected')) return 0;
    console.error(output);
    fail('prisma/migrations do not make what prisma/schema.prisma says: write one with `npm run db:new -- NAME`.');
  },
};

const DIFF = [
  ...['migrate', 'diff', '--exit-code'],
  ...['--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma'],
];

async function onThrowAway(work) {
  const { withThrowAwayPostgres } = await import('./lib/throw-away-postgres.mjs');
  return withThrowAwayPostgres(work);
}

const [name, ...args] = process.argv.slice(2);
await ensure({ despiteTypeErrors: true });
process.exitCode = await commands[name](args);
