export { proveTask as default } from '../src/pool/task.ts';
