/** The package's version: in manifests, receipts (as a claim) and `--version`. test/cli/version.test.ts holds it to package.json. */
export const version = '0.1.0';
