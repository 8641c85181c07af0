/** docs/on-chain.md: its contract compiles and does what the page says. */
import { readFileSync } from 'node:fs';
import { toFunctionSelector } from 'viem';
import { expect, test } from 'vitest';
import { compileSolidity, startEvm } from '../../examples/digits/evm.ts';
import { calldata } from '../../src/evm/calldata.ts';
import { maxContractSignals, solidityVerifier } from '../../src/evm/solidity.ts';
import { contextSignal } from '../../src/r1cs/signals.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const page = readFileSync(new URL('../../docs/on-chain.md', import.meta.url), 'utf8');
const example = /```solidity\n([\s\S]*?)```/.exec(page)![1]!;
const submit = toFunctionSelector('submit(uint256[2],uint256[2][2],uint256[2],uint256[12])');

test('the contract that uses the verifier: accepts once, from the sender in the context', async () => {
  const key = trapdoorKey(12);
  const evm = await startEvm();
  const { verificationKey } = key;
  const verifier = await evm.deploy(
    compileSolidity(solidityVerifier({ verificationKey, circuitDigest: 'c1'.repeat(32), setupKind: 'dev' })).initCode,
  );
  const { initCode, warnings } = compileSolidity(example);
  expect(warnings).toEqual([]);
  const book = await evm.deploy(initCode + verifier.slice(2).padStart(64, '0'));

  const logits = [82, -2, 6, -10, -14, 17, -4, 99, 2, 21].map((value) => BigInt(value + 128));
  const signals = [contextSignal(evm.sender), ...logits, 7n];
  const data = (values: readonly bigint[]): string => submit + calldata(key.prove(values), values.map(String)).hex.slice(10);
  const digit = async (): Promise<bigint> =>
    BigInt((await evm.call(book, toFunctionSelector('digitOf(address)') + evm.sender.slice(2).padStart(64, '0'))).output);
  const revertText = (output: string): string =>
    Buffer.from(output.slice(2 + 8 + 128), 'hex')
      .toString('latin1')
      .replaceAll('\0', '');

  const stranger = await evm.send(book, data(signals.with(0, contextSignal(`0x${'ab'.repeat(20)}`))));
  expect([stranger.error, revertText(stranger.output)]).toEqual(['revert', 'made for another sender']);
  const forged = submit + calldata(key.prove(signals), signals.with(1, 255n).map(String)).hex.slice(10);
  expect(await evm.send(book, forged)).toMatchObject({ error: 'revert', output: toFunctionSelector('InvalidProof()') });
  expect(await digit()).toBe(0n);

  expect(await evm.send(book, data(signals))).toMatchObject({ error: null });
  expect(await digit()).toBe(7n);
  const again = await evm.send(book, submit + calldata(key.prove(signals, 'again'), signals.map(String)).hex.slice(10));
  expect([again.error, revertText(again.output)]).toEqual(['revert', 'already used']);
});

test('figures that the code holds', () => {
  expect(page).toContain(`${maxContractSignals} fit into the 24,576`);
});
