// What may import what (ARCHITECTURE.md): the layers of src/, checked on the compiled dist/, where imports of types are
// gone and only what is really loaded is left.

/** The folders that each folder may import besides itself. What is not named here may import nothing of ours. */
const layers = {
  domain: [],
  schedule: ['domain'],
  crontab: ['schedule'],
  workflows: ['domain'],
  contract: ['domain', 'schedule'],
  client: ['domain', 'contract'],
  handlers: [],
  plugins: ['handlers'],
  security: ['domain', 'store'],
  store: ['domain', 'generated'],
  platform: ['domain', 'contract'],
  commands: ['domain', 'schedule', 'crontab', 'contract', 'store', 'security'],
  dispatch: ['domain', 'store', 'platform'],
  activities: ['domain', 'schedule', 'contract', 'store', 'security', 'handlers', 'platform', 'commands', 'dispatch'],
  worker: ['domain', 'store', 'security', 'platform', 'commands', 'activities', 'dispatch'],
  api: [
    'domain',
    'schedule',
    'contract',
    'store',
    'security',
    'handlers',
    'plugins',
    'platform',
    'commands',
    'dispatch',
  ],
};

/** The names and types of the workflows' messages: what a client of theirs needs. Free of workflow code. */
const messages = '^dist/workflows/messages\\.js$';
const clients = new Set(['dispatch', 'activities', 'platform']);

/** The packages that a pure folder may import; the other folders may import any. */
const packages = {
  domain: [],
  schedule: ['croner', 'temporal-polyfill', 'rrule-temporal', 'ical.js', 'lru-cache'],
  crontab: [],
  workflows: ['@temporalio/workflow', '@temporalio/common'],
  contract: ['zod', 'temporal-polyfill'],
  client: [],
};

const inside = (folders) => `^dist/(${folders.join('|')})/`;

const layerRules = Object.entries(layers).map(([folder, others]) => ({
  name: `${folder}-imports-only-${['itself', ...others].join('-')}`,
  comment: `src/${folder} may import ${others.join(', ') || 'nothing'} of ours: move what it needs there, or hand it in.`,
  severity: 'error',
  from: { path: inside([folder]) },
  to: { path: '^dist/', pathNot: [inside([folder, ...others]), ...(clients.has(folder) ? [messages] : [])] },
}));

const packageRules = Object.entries(packages).map(([folder, names]) => ({
  name: `${folder}-is-pure`,
  comment: `src/${folder} may load ${names.join(', ') || 'no package'}, and nothing of Node: let the caller do what needs more.`,
  severity: 'error',
  from: { path: inside([folder]) },
  to: {
    pathNot: ['^dist/', ...names.map((name) => `(^|/)node_modules/${name}/`)],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    ...packageRules,
    {
      name: 'handlers-reach-no-packages-of-ours',
      comment:
        'A handler definition is pure: it is read by the API too, which runs no handler. Move the work to handler.ts.',
      severity: 'error',
      from: { path: '^dist/handlers/[^/]+/definition\\.js$' },
      to: { pathNot: ['^dist/handlers/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one, or lack a third that both need.',
      severity: 'error',
      from: { path: '^dist/', pathNot: '^dist/generated/' },
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      comment: 'The import leads nowhere: is the package in package.json?',
      severity: 'error',
      from: { path: '^dist/', pathNot: '^dist/generated/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment:
        'What runs in production must be among the dependencies, not the devDependencies. (dist/dev.js is not run there.)',
      severity: 'error',
      from: { path: '^dist/', pathNot: ['^dist/dev\\.js$', '^dist/platform/embedded/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'] },
    },
    {
      name: 'embedded-only-by-dev',
      comment: 'Embedded services are for one machine: only src/dev.ts starts them.',
      severity: 'error',
      from: { path: '^dist/', pathNot: ['^dist/dev\\.js$', '^dist/platform/embedded/'] },
      to: { path: '^dist/platform/embedded/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Declarations are for authors of plugins: nothing of them is loaded.
    exclude: { path: ['dist/workflow-bundle\\.js$', '\\.d\\.ts$'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import'] },
    moduleSystems: ['es6'],
  },
};
