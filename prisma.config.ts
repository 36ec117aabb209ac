import { defineConfig } from 'prisma/config';

// What the Prisma CLI reads. Run it by `npm run prisma -- ...`, which also gives it a schema engine.
const { DATABASE_URL, SHADOW_DATABASE_URL } = process.env;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: {
    // Commands that touch no database (generate, validate, format) want a URL all the same.
    url: DATABASE_URL ?? 'postgresql://nobody@127.0.0.1:1/none',
    ...(SHADOW_DATABASE_URL ? { shadowDatabaseUrl: SHADOW_DATABASE_URL } : {}),
  },
});
