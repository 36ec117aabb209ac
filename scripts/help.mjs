// `npm run help`: the commands of this project.
const commands = [
  ['npm start', 'everything on this machine: database, Temporal, API, worker (installs and builds what is missing)'],
  ['npm test', 'all checks, then all tests'],
  ['npm test -- test/schedule', 'only the tests there (any argument of jest)'],
  [
    'npm run test:contract -- SECONDS',
    'asks the API what can be made up from its OpenAPI document; 90 seconds if not told',
  ],
  ['npm run verify', 'all checks: format, lint, types, layers, workflow bundle, unused code, database drift'],
  ['npm run format', 'formats everything'],
  ['npm run build', 'installs, generates and builds what is missing or out of date, as start and test do'],
  ['npm run db:migrate', 'applies pending migrations to DATABASE_URL, or to the embedded database'],
  ['npm run db:new -- NAME', 'writes the migration that takes the database to what prisma/schema.prisma says now'],
  ['npm run db:drift', 'checks that the migrations make what prisma/schema.prisma says'],
  ['npm run prisma -- ARGS', 'any command of the Prisma CLI'],
  ['npm run new:handler -- NAME', 'begins a plugin in plugins/NAME; with --built-in a handler in src/handlers/NAME'],
  ['npm run new:key', 'makes an admin key for CARILLON_ADMIN_KEY'],
  ['npm run new:encryption-key', 'makes an instance key for CARILLON_ENCRYPTION_KEYS'],
  ['npm run rotate-keys', 'seals all that the database holds with the current instance key'],
  ['npm run record:history -- JOB_ID NAME', "keeps the history of a job's workflow for the replay test"],
  ['npm run workflows:current -- BUILD_ID', 'shows which build runs the workflows, and gives them to another'],
  ['npm run audit:verify', 'checks that nobody changed the audit trail in DATABASE_URL'],
  ['npm run bench', 'measures, and writes bench/README.md'],
];

const width = Math.max(...commands.map(([command]) => command.length));
for (const [command, what] of commands) console.log(`  ${command.padEnd(width)}  ${what}`);
