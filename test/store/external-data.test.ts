/** External data (figure F13): files of the model's own folder are read, 0 bytes of anything else, whatever the ONNX file says. */
import fs, { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { compileProgram } from '../../src/compile.ts';
import { ZkonnxError } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { openModelFolder } from '../../src/store/external-data.ts';
import { zkonnxHere } from '../support/cli.ts';
import { model, node, part, qdq, value, weights } from '../support/onnx-builder.ts';

const posix = process.platform !== 'win32';
let base = '';
let folder = '';

/** 8 int8 weights of a matrix in "w.bin", and 8 more behind them. */
const elements = [1, -2, 3, -4, 5, -6, 7, -8];

beforeAll(() => {
  base = fs.realpathSync(mkdtempSync(join(tmpdir(), 'zkonnx-external-')));
  folder = join(base, 'model');
  fs.mkdirSync(join(folder, 'sub'), { recursive: true });
  fs.mkdirSync(join(base, 'model-other'));
  for (const path of ['model/w.bin', 'model/sub/w.bin', 'secret.bin', 'model-other/w.bin'])
    fs.writeFileSync(join(base, path), Int8Array.from([...elements, 9, 9, 9, 9, 9, 9, 9, 9]));
  fs.writeFileSync(join(folder, 'eight.bin'), Int8Array.from(elements));
  if (!posix) return;
  fs.symlinkSync('../secret.bin', join(folder, 'link.bin'));
  fs.symlinkSync('w.bin', join(folder, 'inner-link.bin'));
  fs.symlinkSync('..', join(folder, 'up'));
  fs.symlinkSync('sub', join(folder, 'inner'));
  fs.symlinkSync('gone.bin', join(folder, 'dangling.bin'));
  fs.symlinkSync('loop.bin', join(folder, 'loop.bin'));
  fs.symlinkSync('/proc/self/environ', join(folder, 'environ.bin'));
  fs.linkSync(join(base, 'secret.bin'), join(folder, 'hard.bin'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

type Entries = readonly (readonly [key: string, value: string])[];
const at = (location: string, ...more: Entries): Entries => [['location', location], ['offset', '0'], ['length', '8'], ...more];

/** A MatMul whose weights stand elsewhere. */
function outside(entries: Entries): Uint8Array {
  const { nodes, initializers } = weights('w', [4, 2], elements, { scales: [0.1], dtype: 'int8' });
  const { rawData: _, ...head } = initializers[0]!;
  const external = { ...head, dataLocation: 1, externalData: entries.map(([key, text]) => ({ key, value: text })) };
  return model({
    parts: [
      qdq('x', { scale: 0.1, zeroPoint: 0, dtype: 'int8' }),
      { nodes, initializers: [external, ...initializers.slice(1)] },
      part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
      qdq('y', { scale: 0.1, zeroPoint: 0, dtype: 'int8' }),
    ],
    inputs: [value('x', 'float32', [1, 4])],
    outputs: [value('y_dq', 'float32', [1, 2])],
  });
}

function read(entries: Entries): Int8Array {
  return decodeModel(outside(entries), { external: openModelFolder(folder) }).initializers.get('w_q')!.data as Int8Array;
}

describe('files of the folder are read', () => {
  test.each<[string, Entries]>([
    ['beside the model', at('w.bin')],
    ['in a folder below', at('sub/w.bin')],
    ['all of a file', [['location', 'eight.bin']]],
    ['with a checksum, which is not looked at', at('w.bin', ['checksum', '00'])],
    [
      'the second half',
      [
        ['location', 'w.bin'],
        ['offset', '8'],
      ],
    ],
  ])('%s', (name, entries) => expect([...read(entries)]).toEqual(name === 'the second half' ? new Array(8).fill(9) : elements));

  test('by the call that the tests below watch', () => {
    const reads = vi.spyOn(fs, 'readSync');
    read(at('w.bin'));
    expect(reads).toHaveBeenCalledTimes(1);
  });

  test('the folder itself may be reached by a link', () => {
    if (!posix) return;
    fs.symlinkSync(folder, join(base, 'elsewhere'));
    const bytes = outside(at('w.bin'));
    expect(decodeModel(bytes, { external: openModelFolder(join(base, 'elsewhere')) }).initializers.has('w_q')).toBe(true);
  });
});

const nul = String.fromCharCode(0);
const payloads: readonly (readonly [string, Entries])[] = [
  ['..', at('../secret.bin')],
  ['.. within', at('sub/../../secret.bin')],
  ['.. that stays inside', at('sub/../w.bin')],
  ['.. at the end', at('sub/..')],
  ['many ..', at(`${'../'.repeat(40)}etc/passwd`)],
  ['a sibling whose name begins like the folder', at('../model-other/w.bin')],
  ['absolute', at('/etc/passwd')],
  ['absolute, of the secret', at(`${'SECRET'}`)],
  ['two slashes', at('//etc/passwd')],
  ['a file URL', at('file:///etc/passwd')],
  ['a drive', at('C:/Windows/win.ini')],
  ['a drive-relative path', at('C:w.bin')],
  ['a UNC path', at('\\\\server\\share\\w.bin')],
  ['backslashes', at('..\\secret.bin')],
  ['an NTFS stream', at('w.bin:stream')],
  ['NUL behind an honest name', at(`w.bin${nul}.txt`)],
  ['NUL behind another', at(`../secret.bin${nul}w.bin`)],
  ['a line break', at('w.bin\n')],
  ['an empty location', at('')],
  ['no location', [['offset', '0']]],
  ['"."', at('.')],
  ['"./"', at('./w.bin')],
  ['an empty part', at('sub//w.bin')],
  ['a slash at the end', at('w.bin/')],
  ['the folder below', at('sub')],
  ['no such file', at('none.bin')],
  ['a percent-encoded ..', at('%2e%2e/secret.bin')],
  ['a fullwidth ..', at('．．/secret.bin')],
  ['a very long location', at('a/'.repeat(5_000))],
  ['a name too long for the file system', at('a'.repeat(400))],
  ['two locations', at('w.bin', ['location', '../secret.bin'])],
  ['an unknown entry', at('w.bin', ['basepath', '/etc'])],
  ['__proto__ as an entry', at('w.bin', ['__proto__', 'x'])],
  ['an offset beyond the end', [...at('w.bin').slice(0, 1), ['offset', '9'], ['length', '8']]],
  ['a negative offset', [...at('w.bin').slice(0, 1), ['offset', '-1'], ['length', '8']]],
  ['an offset of 2^64', [...at('w.bin').slice(0, 1), ['offset', '18446744073709551616']]],
  ['an offset in hex', [...at('w.bin').slice(0, 1), ['offset', '0x0']]],
  [
    'another length',
    [
      ['location', 'w.bin'],
      ['length', '16'],
    ],
  ],
  [
    'a length in exponent form',
    [
      ['location', 'w.bin'],
      ['length', '8e0'],
    ],
  ],
  ['no length, more in the file', [['location', 'w.bin']]],
];
const links: readonly (readonly [string, Entries])[] = [
  ['a symbolic link outside', at('link.bin')],
  ['a symbolic link inside', at('inner-link.bin')],
  ['through a linked folder outside', at('up/secret.bin')],
  ['through a linked folder inside', at('inner/w.bin')],
  ['a dangling link', at('dangling.bin')],
  ['a link to itself', at('loop.bin')],
  ['a link into /proc', at('environ.bin')],
  ['a hard link', at('hard.bin')],
];

describe('everything else is refused, and not a byte of it read', () => {
  test.each([...payloads, ...(posix ? links : [])])('%s', (_, entries) => {
    const reads = vi.spyOn(fs, 'readSync');
    const whole = vi.spyOn(fs, 'readFileSync');
    const resolved = entries.map(([key, text]) => [key, text === 'SECRET' ? join(base, 'secret.bin') : text] as const);
    expect(() => read(resolved)).toThrow(expect.objectContaining({ code: 'ZK2003' }));
    expect(reads).not.toHaveBeenCalled();
    expect(whole).not.toHaveBeenCalled();
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  test.skipIf(!posix)('a named pipe does not block', async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(folder, 'pipe.bin')]);
    expect(() => read(at('pipe.bin'))).toThrow(/plain file/);
  });

  test.skipIf(!posix)('a file exchanged for a link between check and opening', () => {
    const path = join(folder, 'swap.bin');
    fs.writeFileSync(path, Int8Array.from(elements));
    const open = fs.openSync;
    const reads = vi.spyOn(fs, 'readSync');
    vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
      fs.rmSync(path);
      fs.symlinkSync('../secret.bin', path);
      return open(...args);
    });
    expect(() => read(at('swap.bin'))).toThrow(expect.objectContaining({ code: 'ZK2003' }));
    expect(reads).not.toHaveBeenCalled();
  });

  test.skipIf(!posix)('a folder exchanged for a link and back', () => {
    fs.mkdirSync(join(folder, 'part'));
    fs.writeFileSync(join(folder, 'part', 'w.bin'), Int8Array.from(elements));
    const open = fs.openSync;
    const reads = vi.spyOn(fs, 'readSync');
    vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
      fs.renameSync(join(folder, 'part'), join(folder, 'kept'));
      fs.symlinkSync('../model-other', join(folder, 'part'));
      const descriptor = open(...args);
      fs.rmSync(join(folder, 'part'));
      fs.renameSync(join(folder, 'kept'), join(folder, 'part'));
      return descriptor;
    });
    expect(() => read(at('part/w.bin'))).toThrow(/exchanged/);
    expect(reads).not.toHaveBeenCalled();
  });
});

describe('as commands', () => {
  test('refused unless allowed, with the way out; allowed, it is another digest for other weights', async () => {
    const path = join(folder, 'net.onnx');
    fs.writeFileSync(path, outside(at('w.bin')));
    const refused = await zkonnxHere(['check', path], folder);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/w_q.*in another file.*--external-data/);
    const allowed = await zkonnxHere(['check', path, '--external-data', '--json'], folder);
    expect(allowed.code).toBe(0);
    const { sha256 } = JSON.parse(allowed.stdout).model;
    const compiled = await compileProgram(outside(at('w.bin')), { external: openModelFolder(folder) });
    expect(compiled.model.sha256).toBe(sha256);
    const other = await compileProgram(outside(at('w.bin')), { external: () => new Uint8Array(8) });
    expect(other.model.sha256).not.toBe(sha256);
  });

  test('a lie ends with ZK2003', async () => {
    const path = join(folder, 'liar.onnx');
    fs.writeFileSync(path, outside(at('../secret.bin')));
    const { code, stderr } = await zkonnxHere(['check', path, '--external-data'], folder);
    expect(code).toBe(3);
    expect(stderr).toContain('ZK2003');
  });
});

test('the reader may not answer other bytes than were asked for', () => {
  const bytes = outside(at('w.bin'));
  expect(() => decodeModel(bytes, { external: () => new Uint8Array(7) })).toThrow(ZkonnxError);
});
