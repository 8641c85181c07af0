/**
 * The fourth verb, and the package's small entry `zkonnx/verify`: a receipt and the caller's policy → a verdict, in words and as data. Runs in browsers.
 *
 * Nothing that a receipt says of itself is trusted: its signals are recomputed from the tensors it claims, its digests and its key's hash are recomputed,
 * and its key counts only if the caller pins it or allows any. Never throws for what it is given: junk is a verdict, too.
 */
import { ZkonnxError } from './errors.ts';
import type { SetupKind, VerificationKey } from './groth16/keys.ts';
import { verifyProof, vkeyHash } from './groth16/verify.ts';
import { circuitDigest, layoutDigest, statementId } from './r1cs/digests.ts';
import { contextSignal } from './r1cs/signals.ts';
import { claimedContextSignal, receiptSignals } from './receipt/claim.ts';
import { parseReceipt, parseVerificationKey } from './receipt/parse.ts';
import { type Receipt, type ReceiptContext, receiptDigest } from './receipt/receipt.ts';
import { fields, hex64, refuse, text } from './receipt/strict.ts';
import { findTrust, parseTrust, type TrustFile } from './receipt/trust.ts';
import { contextText, notShownBy, type Standing, shownBy, statementText, type TensorView, viewTensor } from './receipt/words.ts';

export { verifyProof, vkeyHash } from './groth16/verify.ts';
export { type Opening, openCommitment } from './receipt/open.ts';
export { parseReceipt } from './receipt/parse.ts';
export type { Receipt, ReceiptTensor } from './receipt/receipt.ts';
export { snarkjsFiles } from './receipt/snarkjs.ts';
export { parseTrust, type TrustEntry, type TrustFile } from './receipt/trust.ts';
export type { TensorView } from './receipt/words.ts';

/** What the caller knows and demands. Without `vkey`, `vkeyHash`, `trust` or `allowDevSetup` no receipt is accepted. */
export interface Policy {
  /** The key that the caller vouches for, as snarkjs' verification_key.json. */
  readonly vkey?: VerificationKey | undefined;
  /** Or its hash (64 hex digits): docs/signals.md, vkeyHash. */
  readonly vkeyHash?: string | undefined;
  /**
   * Or a trust file: accepts the keys that it lists, each for the model and circuit that it lists it for. Written by `zkonnx ceremony verify`, which compiles the model and checks the key's whole transcript.
   */
  readonly trust?: TrustFile | undefined;
  /** Accepts any key: whoever made it can forge. For trying things out. */
  readonly allowDevSetup?: boolean | undefined;
  /** Demands that the proof is bound to exactly this context: text, or 0xHEX bytes. */
  readonly context?: string | undefined;
  readonly model?:
    | {
        /** Demands that the receipt names this file; a name only, see `circuitDigest`. */
        readonly sha256?: string | undefined;
        /** The circuit digest that the caller got by compiling the model file himself with the receipt's visibilities. */
        readonly circuitDigest?: string | undefined;
      }
    | undefined;
}

/** In the order in which they are judged. */
export const checkNames = ['form', 'layout', 'circuit', 'key', 'proof', 'digest', 'context', 'model', 'pin'] as const;

export interface Check {
  readonly name: (typeof checkNames)[number];
  /** null: not asked for, or it could not be judged because an earlier one failed. */
  readonly ok: boolean | null;
  /** What failed. */
  readonly detail: string | null;
}

/** What the receipt claims, as data: proven only where the verdict is valid, and then no further than `shown` says. */
export interface ClaimedStatement {
  /** H(vkeyHash ‖ signals): what replay protection is keyed on; proofs of one statement can look different. */
  readonly id: string;
  readonly modelSha256: string;
  readonly circuitDigest: string;
  readonly vkeyHash: string;
  readonly setupKind: SetupKind;
  readonly context: ReceiptContext | null;
  /** Decimal, in order: context, outputs, inputs. */
  readonly signals: readonly string[];
  readonly outputs: readonly TensorView[];
  readonly inputs: readonly TensorView[];
}

export interface Verdict {
  readonly valid: boolean;
  /** One sentence: why. */
  readonly reason: string;
  readonly shown: readonly string[];
  readonly notShown: readonly string[];
  readonly checks: readonly Check[];
  /** null where the receipt could not be read. */
  readonly statement: ClaimedStatement | null;
}

/** The policy, read as strictly as a receipt: a misspelt demand must not be passed over. */
interface Demands {
  readonly pinned: string | null;
  readonly trust: TrustFile | null;
  readonly allowDevSetup: boolean;
  readonly contextSignal: bigint | null;
  readonly modelSha256: string | null;
  readonly circuitDigest: string | null;
}

function readPolicy(policy: unknown): Demands {
  // A field that is undefined is not asked for.
  const defined = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
      : value;
  const given = fields(defined(policy), 'policy', [], ['vkey', 'vkeyHash', 'trust', 'allowDevSetup', 'context', 'model']);
  const model = fields(defined(given.model ?? {}), 'policy.model', [], ['sha256', 'circuitDigest']);
  const digest = (value: unknown, where: string): string | null =>
    value === undefined ? null : hex64(withoutPrefix(text(value, where)), where);
  const { allowDevSetup = false, context } = given;
  if (typeof allowDevSetup !== 'boolean') refuse('policy.allowDevSetup', 'is neither true nor false');
  const hash = digest(given.vkeyHash, 'policy.vkeyHash');
  const own = given.vkey === undefined ? null : hashOfKey(given.vkey);
  if (hash !== null && own !== null && hash !== own) refuse('policy', 'pins two different keys: vkeyHash is not the hash of vkey');
  const trust = given.trust === undefined ? null : parseTrust(given.trust, 'policy.trust');
  if (trust !== null && (hash ?? own) !== null) refuse('policy', 'pins a key and gives a trust file: one of them decides');
  if (trust !== null && allowDevSetup === true) refuse('policy', 'gives a trust file and allows any key: one of them decides');
  return {
    pinned: hash ?? own,
    trust,
    allowDevSetup: allowDevSetup as boolean,
    contextSignal: context === undefined ? null : contextSignal(text(context, 'policy.context', 200_000)),
    modelSha256: digest(model.sha256, 'policy.model.sha256'),
    circuitDigest: digest(model.circuitDigest, 'policy.model.circuitDigest'),
  };
}

function withoutPrefix(hash: string): string {
  return hash.replace(/^0x/i, '').toLowerCase();
}

function hashOfKey(key: unknown): string {
  const parsed = parseVerificationKey(key, 'policy.vkey', 'allowed');
  try {
    return vkeyHash(parsed);
  } catch (error) {
    return refuse('policy.vkey', `is no key: ${knownMessage(error)}`);
  }
}

/** Our own errors' words; what else is thrown (by a getter, a proxy) is the data's doing and is not asked anything. */
function knownMessage(error: unknown): string {
  return error instanceof ZkonnxError ? error.message : 'it is no plain data';
}

/** The outcome where nothing could be judged. */
function unreadable(reason: string): Verdict {
  const checks = checkNames.map((name): Check => ({ name, ok: name === 'form' ? false : null, detail: name === 'form' ? reason : null }));
  return { valid: false, reason, shown: [], notShown: ['anything: the receipt was not judged'], checks, statement: null };
}

/** Receipts as JSON text are read here, so that callers need no try of their own. */
function readReceipt(receipt: unknown): Receipt {
  if (typeof receipt !== 'string') return parseReceipt(receipt);
  let data: unknown;
  try {
    data = JSON.parse(receipt);
  } catch {
    return refuse('', 'is no JSON');
  }
  return parseReceipt(data);
}

function modelStanding({ circuitDigest, modelSha256 }: Demands): Standing['model'] {
  if (circuitDigest !== null) return modelSha256 !== null ? 'recompiled and named' : 'recompiled';
  return modelSha256 !== null ? 'named' : 'none';
}

/** The checks that concern the receipt alone: failure texts by name, null where it holds. */
function judgeReceipt(receipt: Receipt, signals: readonly bigint[], keyAccepted: boolean): Map<Check['name'], string | null> {
  const { circuit, layout, setup, proof } = receipt;
  const failures = new Map<Check['name'], string | null>([['form', null]]);
  const hash = layoutDigest(layout);
  failures.set('layout', hash === circuit.layoutDigest ? null : 'the layout does not hash to circuit.layoutDigest');
  failures.set(
    'circuit',
    circuitDigest(circuit.r1csSha256, circuit.layoutDigest) === circuit.digest
      ? null
      : 'circuit.digest is not the digest of circuit.r1csSha256 and circuit.layoutDigest',
  );
  failures.set('key', judgeKey(setup.verificationKey, setup.vkeyHash, layout.signalCount));
  // A key that is not one of the caller's, or not what it is said to be, is not worth a pairing, and a served verifier does not do a stranger's sums.
  if (failures.get('key') === null && keyAccepted) {
    const outcome = verifyProof(setup.verificationKey, signals.map(String), proof);
    failures.set('proof', outcome.valid ? null : `the proof does not verify with the claimed tensors, context and key: ${outcome.reason}`);
  }
  failures.set(
    'digest',
    receiptDigest(receipt) === receipt.digest
      ? null
      : "the receipt was altered after it was made: its own digest does not match, and it alone covers model.sha256, setup.kind and each field's exact form",
  );
  return failures;
}

function judgeKey(key: VerificationKey, claimedHash: string, signalCount: number): string | null {
  if (key.nPublic !== signalCount) return `the key is for ${key.nPublic} public signals, the layout has ${signalCount}`;
  try {
    return vkeyHash(key) === claimedHash ? null : 'setup.vkeyHash is not the hash of the key that the receipt brings';
  } catch (error) {
    return `the verification key is malformed: ${knownMessage(error)}`;
  }
}

type Trusted = ReturnType<typeof findTrust> | null;

/** The checks that the caller's policy adds. */
function judgeDemands(receipt: Receipt, demands: Demands, trusted: Trusted): Map<Check['name'], string | null> {
  const failures = new Map<Check['name'], string | null>();
  if (demands.contextSignal !== null && demands.contextSignal !== claimedContextSignal(receipt.context)) {
    const own = receipt.context === null ? 'no context' : `the context ${contextText(receipt.context)}`;
    failures.set('context', `the proof is bound to ${own}, not to the one you demand`);
  } else if (demands.contextSignal !== null) failures.set('context', null);
  if (demands.circuitDigest !== null && demands.circuitDigest !== receipt.circuit.digest) {
    failures.set(
      'model',
      `the model you gave compiles to circuit ${demands.circuitDigest}, the receipt is of circuit ${receipt.circuit.digest}`,
    );
  } else if (demands.modelSha256 !== null && demands.modelSha256 !== receipt.model.sha256) {
    failures.set('model', `the receipt is of the model with sha256 ${receipt.model.sha256}, not of ${demands.modelSha256}`);
  } else if (demands.circuitDigest !== null || demands.modelSha256 !== null) failures.set('model', null);
  if (trusted !== null) failures.set('pin', 'failure' in trusted ? trusted.failure : null);
  else if (demands.pinned !== null) {
    const same = demands.pinned === receipt.setup.vkeyHash;
    failures.set('pin', same ? null : `the receipt's key (${receipt.setup.vkeyHash}) is not the one you pinned (${demands.pinned})`);
  } else failures.set('pin', demands.allowDevSetup ? null : 'the proof checks, but nobody vouches for its key');
  return failures;
}

/**
 * @param receipt what JSON.parse gave, or the JSON text itself.
 * @returns a verdict, also for junk; it never rejects.
 */
export async function verify(receipt: unknown, policy: Policy = {}): Promise<Verdict> {
  let demands: Demands;
  try {
    demands = readPolicy(policy);
  } catch (error) {
    const place =
      error instanceof ZkonnxError && error.code === 'ZK5006' ? `${error.params.where} ${error.params.what}` : knownMessage(error);
    return unreadable(`the policy cannot be followed: ${place}`);
  }
  try {
    return judge(readReceipt(receipt), demands);
  } catch (error) {
    return unreadable(`the receipt cannot be read: ${knownMessage(error)}`);
  }
}

function judge(receipt: Receipt, demands: Demands): Verdict {
  const { layout, circuit, model, setup, context } = receipt;
  const signals = receiptSignals(receipt);
  const trusted: Trusted =
    demands.trust === null
      ? null
      : findTrust(demands.trust, {
          modelDigest: model.sha256,
          profile: layout.profile,
          circuitDigest: circuit.digest,
          vkeyHash: setup.vkeyHash,
        });
  const keyAccepted = trusted === null ? demands.pinned === null || demands.pinned === setup.vkeyHash : 'entry' in trusted;
  const failures = new Map([...judgeReceipt(receipt, signals, keyAccepted), ...judgeDemands(receipt, demands, trusted)]);
  const checks = checkNames.map((name): Check => {
    const detail = failures.get(name);
    return { name, ok: detail === undefined ? null : detail === null, detail: detail ?? null };
  });
  const failed = checks.find(({ ok }) => ok === false);
  const outputs = layout.outputs.map((tensor, i) => viewTensor(tensor, receipt.outputs[i]!));
  const inputs = layout.inputs.map((tensor, i) => viewTensor(tensor, receipt.inputs[i]!));
  const statement: ClaimedStatement = {
    id: statementId(setup.vkeyHash, signals),
    modelSha256: model.sha256,
    circuitDigest: circuit.digest,
    vkeyHash: setup.vkeyHash,
    setupKind: setup.kind,
    context,
    signals: signals.map(String),
    outputs,
    inputs,
  };
  const standing: Standing = {
    key: trusted !== null ? 'trusted' : demands.pinned === null ? 'dev' : 'pinned',
    transcriptHash: trusted !== null && 'entry' in trusted ? trusted.entry.transcriptHash : null,
    model: modelStanding(demands),
    contextDemanded: demands.contextSignal !== null,
  };
  if (failed === undefined) {
    const reason =
      standing.key === 'trusted'
        ? 'accepted: the proof checks with a key that your trust file has for this model and circuit'
        : standing.key === 'pinned'
          ? 'accepted: the proof checks with the key that you pinned'
          : 'accepted with a dev set-up: the proof checks, but whoever made its key can forge';
    return {
      valid: true,
      reason,
      shown: shownBy(receipt, inputs, outputs, standing),
      notShown: notShownBy(receipt, inputs, standing),
      checks,
      statement,
    };
  }
  // The proof itself holds: say so, and what it would show if someone vouched for the key.
  if (failed.name === 'pin' && demands.pinned === null && demands.trust === null) {
    return {
      valid: false,
      reason: failed.detail!,
      shown: [
        'the proof checks with the key that the receipt brings, which shows something only to who knows that its maker did not forge',
      ],
      notShown: [`that ${statementText(inputs, outputs)}: whoever made the key can forge`, ...notShownBy(receipt, inputs, standing)],
      checks,
      statement,
    };
  }
  return { valid: false, reason: failed.detail!, shown: [], notShown: ['anything: the receipt is not accepted'], checks, statement };
}
