export { createServer, type ServedKey, type ServerOptions } from './server.ts';
