/** The questions that a ceremony is asked, by name, and their answers. */
import { ZkonnxError } from '../../errors.ts';
import { Refused } from '../points.ts';

/** In the order in which they are judged. */
export const ceremonyCheckNames = [
  'ptau-form',
  'ptau-contributions',
  'ptau-powers',
  'ptau-challenge',
  'ptau-lagrange',
  'key-form',
  'key-lint',
  'circuit-size',
  'alpha-beta-gamma',
  'terms',
  'ic',
  'a',
  'b1',
  'b2',
  'circuit-hash',
  'contributions',
  'delta',
  'c',
  'h',
] as const;
export type CeremonyCheckName = (typeof ceremonyCheckNames)[number];

export interface CeremonyCheck {
  readonly name: CeremonyCheckName;
  /** null: could not be judged because an earlier check failed, or does not apply. */
  readonly ok: boolean | null;
  /** What failed, or why it does not apply. */
  readonly detail: string | null;
}

/** Collects outcomes; a check that throws a refusal or a format error has failed, anything else goes on up. */
export class Judge {
  readonly #outcomes = new Map<CeremonyCheckName, { readonly ok: boolean | null; readonly detail: string | null }>();

  async check<T>(name: CeremonyCheckName, judge: () => T | Promise<T>): Promise<T | null> {
    try {
      const value = await judge();
      this.#outcomes.set(name, { ok: true, detail: null });
      return value;
    } catch (error) {
      const known =
        error instanceof Refused
          ? error.message
          : error instanceof ZkonnxError && (error.code === 'ZK5004' || error.code === 'ZK1001')
            ? error.message
            : null;
      if (known === null) throw error;
      this.#outcomes.set(name, { ok: false, detail: known });
      return null;
    }
  }

  skip(name: CeremonyCheckName, detail: string): void {
    this.#outcomes.set(name, { ok: null, detail });
  }

  checks(): CeremonyCheck[] {
    return ceremonyCheckNames.map((name) => ({ name, ...(this.#outcomes.get(name) ?? { ok: null, detail: null }) }));
  }
}

export function demand(holds: boolean, text: string): void {
  if (!holds) throw new Refused(text);
}
