#!/usr/bin/env node
// The way in. Plain JavaScript that even an old Node can read: it looks at the Node version before it loads anything newer. In a clone (src/ beside it) the
// TypeScript sources run as they are, in an installed package dist/.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const isModern = major > 22 || (major === 22 && minor >= 12);
const stripsTypes = major > 23 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6);
const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/src/cli/main.js', import.meta.url);
const isClone = existsSync(source);

/** A clone brings its own Node (a development dependency); null where it is not installed. */
function ownNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/** Runs this very command on another Node (or with another flag) and ends as it ends. */
function rerun(node, flags) {
  const child = spawn(node, [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the child decides how to end, we wait for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`zkonnx: cannot start ${node}: ${error.message}`);
    process.exitCode = 70;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

/** Node 22 and 23 announce type stripping as experimental on every start; nothing else is silenced. */
function hideStrippingNotice() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith('Type Stripping is an experimental feature')) emitWarning.call(process, warning, ...rest);
  };
}

const fallback = isClone && !isModern ? ownNode() : null;
if (fallback !== null) {
  rerun(fallback, []);
} else if (!isModern) {
  console.error(`ZK1007 zkonnx needs Node 22.12 or newer, this is ${process.version}`);
  console.error('  install a newer Node, e.g. from nodejs.org');
  process.exitCode = 2;
} else if (isClone && !stripsTypes && !process.execArgv.includes('--experimental-strip-types')) {
  rerun(process.execPath, ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']);
} else {
  if (isClone) hideStrippingNotice();
  import((isClone ? source : built).href).then(
    (cli) => cli.main(process.argv.slice(2)),
    (error) => {
      console.error(`ZK7001 internal error: zkonnx could not be loaded: ${error.message}`);
      console.error(isClone ? '  run npm ci in the clone first' : '  the package is damaged; install it again');
      process.exitCode = 70;
    },
  );
}
