/** Where the team's shared models are, for tests that say so in their name; users do not have them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Path of a shared file or folder, or null where it is absent: such tests skip and say so. */
export function sharedPath(relative: string): string | null {
  const path = root + relative;
  return existsSync(path) ? path : null;
}
