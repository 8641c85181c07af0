/** Thrown where a rule has no exact integer form that the circuit could use; `build.ts` adds which node it is and makes it ZK3003. */
export class NoExactForm extends Error {
  /** What the model's author can do instead. */
  readonly hint: string;

  constructor(what: string, hint: string) {
    super(what);
    this.name = 'NoExactForm';
    this.hint = hint;
  }
}
