// Running other programs. Nothing but Node may be imported here.
import { spawn } from 'node:child_process';
import { root } from './project.mjs';

/**
 * Runs a program in the project's folder with our terminal; its exit code (128 + n for signal n, as a shell has it).
 * Ctrl-C reaches it by the terminal, so we only wait for its end.
 * @param {string} file
 * @param {string[]} args
 * @param {Record<string, string>} env added to ours
 * @returns {Promise<number>}
 */
export function run(file, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
    const release = passSignalsTo(child);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const end = () => {
        release();
        resolve(code ?? exitCodeOf(signal));
      };
      // Of a Ctrl-C we may learn only after the end that it made.
      if (code === 0) end();
      else setTimeout(end, 50);
    });
  });
}

/** Runs a script of the project, or of a package, with this Node. */
export const runNode = (script, args = [], env = {}) => run(process.execPath, [script, ...args], env);

/**
 * Like `run`, but keeps the program's words to itself.
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(file, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? exitCodeOf(signal), output }));
  });
}

/** Says what a step is, does it, and says how long it took. */
export async function step(text, work) {
  const startedAt = performance.now();
  console.log(`${text} ...`);
  await work();
  console.log(`${text}: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** Ends this process with a sentence and no stack: for what the reader can mend. */
export function fail(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

/** The signal that this process was asked to stop with while a program ran. */
let stopSignal;

/** Ends this process if it was asked to stop: what failed, or goes on without us, is no fault. */
export function endIfStopped() {
  if (stopSignal === undefined) return;
  console.error('\nStopped; run it again to go on.');
  process.exit(exitCodeOf(stopSignal));
}

const exitCodeOf = (signal) => 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);

/** SIGTERM and SIGHUP sent to us alone are passed on; SIGINT comes from the terminal to both. */
function passSignalsTo(child) {
  const handlers = { SIGINT: () => {}, SIGTERM: () => child.kill('SIGTERM'), SIGHUP: () => child.kill('SIGHUP') };
  const note = (signal) => (stopSignal = signal);
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler).on(signal, note);
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler).off(signal, note);
  };
}
