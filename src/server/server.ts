/**
 * The verification API: `POST /v1/verify {receipt, policy?}` → 200 {valid, reason, shown, notShown}; `GET /healthz`. A receipt that does not verify is a truthful
 * answer, not an error: it is 200 with `valid: false`. 4xx is for requests that ask nothing.
 *
 * Keys of the artifact folders that the operator serves count as pinned by him; a request may bring a policy of its own instead.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ZkonnxError } from '../errors.ts';
import { vkeyHashOf } from '../receipt/receipt.ts';
import { type Policy, verify } from '../verify.ts';

/** A key the operator vouches for, with the circuit he compiled for it. */
export interface ServedKey {
  readonly name: string;
  readonly vkeyHash: string;
  readonly circuitDigest: string;
  readonly modelSha256: string;
}

export interface ServerOptions {
  readonly keys?: readonly ServedKey[] | undefined;
  readonly version: string;
  /** Largest request body in bytes; a receipt of a 224×224 public image is about 0.6 MB. It also bounds the work: a key of 10,000 signals is 1.6 MB. */
  readonly bodyLimitBytes?: number | undefined;
}

const hex64 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

const requestSchema = z.strictObject({
  receipt: z.unknown(),
  policy: z
    .strictObject({
      vkeyHash: hex64.optional(),
      allowDevSetup: z.boolean().optional(),
      context: z.string().max(65_536).optional(),
      model: z.strictObject({ sha256: hex64.optional(), circuitDigest: hex64.optional() }).optional(),
    })
    .optional(),
});

/** The caller's policy, with the operator's pin added where the caller brings none and the receipt's key is one of his. */
function effectivePolicy(receipt: unknown, asked: Policy, keys: readonly ServedKey[]): Policy {
  if (asked.vkeyHash !== undefined) return asked;
  const claimed = vkeyHashOf(receipt);
  const served = keys.find((key) => key.vkeyHash === claimed);
  return served === undefined
    ? asked
    : { ...asked, vkeyHash: served.vkeyHash, model: { circuitDigest: served.circuitDigest, ...asked.model } };
}

/** What fastify refused; a parser's own message would quote the body. */
function describe(error: Error & { readonly code?: string }): string {
  return error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' ? 'the body is not JSON' : error.message;
}

export function createServer(options: ServerOptions): FastifyInstance {
  const keys = options.keys ?? [];
  const server = Fastify({
    bodyLimit: options.bodyLimitBytes ?? 2 * 1024 * 1024,
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    // Receipts may hold public inputs and callers' contexts: nothing of a request is logged.
    logger: false,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  });

  server.removeContentTypeParser('text/plain');
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const known = error instanceof ZkonnxError ? error : new ZkonnxError('ZK1001', { what: describe(error), hint: 'docs/http.md' });
    const status = error instanceof ZkonnxError ? error.http : (error.statusCode ?? 500);
    if (status >= 500)
      return reply.status(status).send({ error: { code: 'ZK7001', message: 'internal error', hint: 'see the server operator' } });
    return reply.status(status).send({ error: { code: known.code, message: known.message, hint: known.hint } });
  });
  server.setNotFoundHandler((request, reply) =>
    reply.status(404).send({
      error: {
        code: 'ZK1001',
        message: `no such route: ${request.method} ${request.url.split('?')[0]}`,
        hint: 'POST /v1/verify or GET /healthz',
      },
    }),
  );

  server.get('/healthz', () => ({ status: 'ok', version: options.version, keys: keys.map(({ name, vkeyHash }) => ({ name, vkeyHash })) }));

  server.post('/v1/verify', async (request) => {
    const parsed = requestSchema.safeParse(request.body);
    if (!parsed.success) {
      throw new ZkonnxError('ZK1001', { what: z.prettifyError(parsed.error), hint: 'send {"receipt": {…}, "policy": {…}}: docs/http.md' });
    }
    const { receipt, policy } = parsed.data;
    if (receipt === undefined)
      throw new ZkonnxError('ZK1001', { what: 'the body has no receipt', hint: 'send {"receipt": {…}}: docs/http.md' });
    const { valid, reason, shown, notShown } = await verify(receipt, effectivePolicy(receipt, (policy ?? {}) as Policy, keys));
    return { valid, reason, shown, notShown };
  });
  return server;
}
