/** Figure F22: everything that is installed has a licence compatible with GPL-3.0, every dependency its line in docs/dependencies.md, and no install script runs that we did not allow. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const locked = Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }).packages).filter(
  ([path]) => path !== '',
);
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Compatible with GPL-3.0, in one direction at least: they may be part of a GPL-3.0 work. */
const compatible = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'MPL-2.0', 'GPL-3.0', 'MIT OR Apache-2.0']);
/** The lock file says nothing of their licence; their own files do: BSD-2-Clause and MIT. */
const undeclared = new Set(['esprima', 'memorystream']);

test('licences', () => {
  expect(locked.length).toBeGreaterThan(200);
  const foreign = locked.filter(([path, { license }]) =>
    license === undefined ? !undeclared.has(nameOf(path)) : !compatible.has(license),
  );
  expect(foreign.map(([path, { license }]) => `${nameOf(path)}: ${license}`)).toEqual([]);
});

test('install scripts', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> };
  const scripts = [...new Set(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path)))].sort();
  expect(scripts).toEqual(Object.keys(allowScripts).sort());
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['node']);
});

test('each dependency has its line', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const page = read('docs/dependencies.md');
  expect([...Object.keys(dependencies), ...Object.keys(devDependencies)].filter((name) => !page.includes(name))).toEqual([]);
});
