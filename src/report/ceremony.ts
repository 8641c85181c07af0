/** A ceremony's verdict for reading: what was checked, who contributed. */
import type { CeremonyCheckName, CeremonyVerdict } from '../groth16/ceremony/verify.ts';

const meanings: Readonly<Record<CeremonyCheckName, string>> = {
  'ptau-form': 'the powers of tau are a whole file',
  'ptau-contributions': 'each contribution of phase 1 proves its secrets and follows the one before',
  'ptau-powers': 'every section holds successive powers',
  'ptau-challenge': 'the powers are those that the last contribution left',
  'ptau-lagrange': 'the bases used are the powers transformed',
  'key-form': 'the key is a whole file',
  'key-lint': 'the verification key is sound',
  'circuit-size': 'the key has the size of the circuit',
  'alpha-beta-gamma': 'alpha and beta are those of the powers of tau, gamma is one',
  terms: 'the key holds the terms of the circuit',
  ic: 'points IC',
  a: 'points A',
  b1: 'points B in G1',
  b2: 'points B in G2',
  'circuit-hash': 'the contributions began with the initial key of this circuit',
  contributions: 'each contribution of phase 2 proves its secret and follows the one before',
  delta: 'delta is that of the last contribution',
  c: 'points C are the initial ones divided by delta',
  h: 'points H are the initial ones divided by delta',
};

export function ceremonyText(verdict: CeremonyVerdict): string {
  const { valid, checks, ptau, contributions, circuitHash, transcriptHash, vkeyHash } = verdict;
  const lines = [valid ? 'VALID: the key is what this circuit, these powers of tau and these contributions give' : 'INVALID'];
  for (const { name, ok, detail } of checks) {
    const word = ok === true ? 'ok' : ok === false ? 'FAILED' : '-';
    lines.push(
      `  ${word.padEnd(6)} ${name.padEnd(18)} ${ok === true ? meanings[name] : (detail ?? 'not judged: an earlier check failed')}`,
    );
  }
  if (ptau !== null) lines.push(`  powers of tau  ${ptau.known ?? 'no file that we know'}, BLAKE2b ${ptau.digest}`);
  if (circuitHash !== null) lines.push(`  circuit hash   ${circuitHash}`);
  for (const [i, { name, hash, beacon }] of contributions.entries()) {
    const what = beacon === null ? '' : ` (beacon ${beacon.hash}, 2^${beacon.iterationsLog} iterations)`;
    lines.push(`  ${String(i + 1).padStart(2)}  ${name === null ? 'no name' : JSON.stringify(name)}${what}`, `      ${hash}`);
  }
  if (transcriptHash !== null) lines.push(`  transcript     ${transcriptHash}`);
  if (vkeyHash !== null) lines.push(`  vkey hash      ${vkeyHash}`);
  return lines.join('\n');
}
