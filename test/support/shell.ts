import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A shell that is fed commands one after the other, as at a terminal: variables and functions stay. */
export interface Shell {
  /** Runs commands and returns what they printed; standard error too. */
  run(commands: string): Promise<string>;
  close(): Promise<void>;
}

const END = '--- that was all ---';

export function openShell(cwd: string, env: NodeJS.ProcessEnv): Shell {
  const shell = spawn('sh', [], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(shell, 'close');
  let output = '';
  let onOutput = (): void => {};
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    onOutput();
  });
  shell.stdin.write('exec 2>&1\n');
  return {
    async run(commands) {
      output = '';
      const isAll = new Promise<void>((resolve) => {
        onOutput = () => output.endsWith(`${END}\n`) && resolve();
      });
      shell.stdin.write(`${commands}\nprintf '%s\\n' '${END}'\n`);
      await Promise.race([isAll, ended]);
      return output.slice(0, -END.length - 1);
    },
    async close() {
      shell.stdin.end();
      await ended;
    },
  };
}
