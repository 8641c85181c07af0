/** Holds the import direction of ARCHITECTURE.md, the single importers of third-party packages, and the ban on engine-dependent arithmetic. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One total order: a folder imports only from folders earlier in it (or itself). `verbs` are the files directly in src/, `entry` is `.`. */
const order = [
  'errors',
  'events',
  'field',
  'float32',
  'tensor',
  'circuits',
  'onnx',
  'graph',
  'program',
  'r1cs',
  'witness',
  'kernels',
  'groth16',
  'interop',
  'audit',
  'receipt',
  'evm',
  'verbs',
  'report',
  'store',
  'pool',
  'jobs',
  'server',
  'cli',
  'workers',
  'entry',
];

/** Package → the only folder that may import it. */
const singleImporters: Record<string, string> = {
  'onnx-proto': 'onnx',
  snarkjs: 'interop',
  circomlibjs: 'interop',
  ffjavascript: 'interop',
  piscina: 'pool',
  fastify: 'server',
  commander: 'cli',
};

const forbiddenInSource = ['onnxruntime-web', 'onnxruntime-node', 'solc', '@ethereumjs/', 'viem', 'vitest', 'fast-check'];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

const files = ['src', 'circuits', 'workers'].flatMap(sourceFiles);

function room(file: string): string {
  const [top, next, deeper] = file.split('/');
  if (top !== 'src') return top!;
  if (deeper !== undefined) return next!;
  if (next === 'index.ts') return 'entry';
  return next === 'errors.ts' ? 'errors' : next === 'events.ts' ? 'events' : 'verbs';
}

function importsOf(text: string): string[] {
  const specifiers = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  );
  return [...specifiers].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"])\/\/.*$/gm, '$1');
}

test('there is source to look at', () => {
  expect(files.length).toBeGreaterThan(30);
  for (const file of files) expect(order, file).toContain(room(file));
});

test('a folder imports only from its left', () => {
  const violations: string[] = [];
  for (const file of files) {
    for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
      if (!specifier.startsWith('.')) continue;
      const target = relative(root, resolve(root, dirname(file), specifier))
        .split(sep)
        .join('/');
      if (target.endsWith('package.json')) continue;
      if (order.indexOf(room(target)) > order.indexOf(room(file))) violations.push(`${file} imports ${target}`);
    }
  }
  expect(violations).toEqual([]);
});

test('circuits/ imports nothing outside itself', () => {
  for (const file of files.filter((name) => name.startsWith('circuits/'))) {
    for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
      expect(
        specifier.startsWith('.') && resolve(root, dirname(file), specifier).startsWith(join(root, 'circuits')),
        `${file}: ${specifier}`,
      ).toBe(true);
    }
  }
});

test('each given package has one importer, and src needs no runtime, compiler or EVM', () => {
  const violations: string[] = [];
  for (const file of files) {
    for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      const owner = singleImporters[name];
      if (owner !== undefined && owner !== room(file)) violations.push(`${file} imports ${specifier}, only ${owner}/ may`);
      if (forbiddenInSource.some((prefix) => specifier.startsWith(prefix))) violations.push(`${file} imports ${specifier}`);
    }
  }
  expect(violations).toEqual([]);
});

test('snarkjs and circomlibjs are loaded lazily', () => {
  for (const file of files) {
    expect(/(?:^|\n)import\s(?!type)[^;]*from\s*['"](?:snarkjs|circomlibjs)/.test(readFileSync(join(root, file), 'utf8')), file).toBe(
      false,
    );
  }
});

test('nothing that reaches a circuit uses arithmetic whose bits differ between engines', () => {
  const banned =
    /\bMath\.(?!fround|sqrt|floor|ceil|round|trunc|min|max|abs|sign|clz32|imul|f16round|SQRT2\b|SQRT1_2\b|LN2\b|LOG2E\b)(\w+)/g;
  const violations: string[] = [];
  const watched = new Set(['float32', 'tensor', 'circuits', 'onnx', 'graph', 'program', 'r1cs', 'witness']);
  for (const file of files.filter((name) => watched.has(room(name)))) {
    const code = stripComments(readFileSync(join(root, file), 'utf8'));
    for (const match of code.matchAll(banned)) violations.push(`${file}: Math.${match[1]}`);
    // `**` is exact on bigints, and on every engine for 2 to a literal power; else only bigints may use it.
    for (const match of code.matchAll(/([\w.)\]]+) \*\* ([\w.([]+)/g)) {
      const [power, base, exponent] = match;
      if (!/n$/.test(base!) && !(base === '2' && /^\d+$/.test(exponent!))) violations.push(`${file}: ${power}`);
    }
  }
  expect(violations).toEqual([]);
});

test('the library does not print, and only cli/ and server/ know the process', () => {
  const violations: string[] = [];
  for (const file of files) {
    const code = stripComments(readFileSync(join(root, file), 'utf8'));
    const where = room(file);
    if (where !== 'cli' && /\bconsole\./.test(code)) violations.push(`${file}: console`);
    if (!['cli', 'server', 'workers'].includes(where) && /\bprocess\.(?!versions\b)/.test(code)) violations.push(`${file}: process`);
    if (/\bMath\.random\b/.test(code)) violations.push(`${file}: Math.random`);
  }
  expect(violations).toEqual([]);
});

test('no file grows past what one noun needs', () => {
  const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 450);
  expect(long).toEqual([]);
});
