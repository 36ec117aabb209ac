// `npm run new:handler -- NAME`: begins a plugin in plugins/NAME; with `--built-in` a handler of Carillon's own.
// `--in FOLDER` makes it there instead of in this project.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { filesOfBuiltIn, stepsOfBuiltIn } from './lib/new-built-in.mjs';
import { filesOfPlugin, stepsOfPlugin } from './lib/new-plugin.mjs';
import { inProject, root } from './lib/project.mjs';
import { fail } from './lib/run.mjs';

/** As src/plugins/definition-rules.ts has it. */
const HANDLER_NAME = /^[a-z][a-z0-9-]{0,63}$/;

const { name, isBuiltIn, folder } = readArguments();
if (!HANDLER_NAME.test(name))
  fail(`"${name}" can't name a handler: use lower case letters, digits and -, begin with a letter, at most 64.`);
if (fs.existsSync(inProject('src/handlers', name)))
  fail(`There is a built-in handler "${name}" already: choose another name.`);

const files = Object.entries(isBuiltIn ? filesOfBuiltIn(name) : filesOfPlugin(name));
const taken = isBuiltIn ? files.map(([file]) => file) : [`plugins/${name}`];
for (const file of taken)
  if (fs.existsSync(path.join(folder, file))) fail(`${file} is there already: choose another name, or remove it.`);

for (const [file, text] of files) {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), text);
  console.log(`  ${file}`);
}
if (!isBuiltIn) linkCarillon(path.join(folder, 'plugins', name, 'node_modules'));
console.log(`\n${(isBuiltIn ? stepsOfBuiltIn : stepsOfPlugin)(name)}`);

function readArguments() {
  const options = { 'built-in': { type: 'boolean', default: false }, in: { type: 'string', default: root } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length === 1)
      return { name: positionals[0], isBuiltIn: values['built-in'], folder: path.resolve(values.in) };
  } catch {
    // An option that we do not know.
  }
  return fail('Say one name: npm run new:handler -- NAME [--built-in] [--in FOLDER]');
}

/** So that the plugin's test finds `carillon/handler` at once, without an installation. */
function linkCarillon(nodeModules) {
  fs.mkdirSync(nodeModules, { recursive: true });
  fs.symlinkSync(path.relative(fs.realpathSync(nodeModules), root), path.join(nodeModules, 'carillon'));
}
