/** The verification API over real sockets: answers, errors, pins, and a process that ends. */
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { createServer, type ServerOptions } from '../../src/server/index.ts';
import { provenTiny } from '../support/tiny.ts';

const tiny = await provenTiny();
let open: FastifyInstance | null = null;

afterEach(async () => {
  await open?.close();
  open = null;
});

async function serve(options: Partial<ServerOptions> = {}): Promise<string> {
  open = createServer({ version: '0.0.0-test', ...options });
  return open.listen({ port: 0, host: '127.0.0.1' });
}

async function post(url: string, body: unknown, raw?: string): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`${url}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: raw ?? JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const served = {
  name: 'tiny',
  vkeyHash: tiny.keys.vkeyHash,
  circuitDigest: tiny.compiled.digests.circuit,
  modelSha256: tiny.compiled.model.sha256,
};

test('healthz names the keys it vouches for', async () => {
  const url = await serve({ keys: [served] });
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    status: 'ok',
    version: '0.0.0-test',
    keys: [{ name: 'tiny', vkeyHash: served.vkeyHash }],
  });
});

test('a key that nobody pinned is not accepted; dev allowed, pinned by the caller or by the operator it is', async () => {
  const { receipt } = tiny;
  const bare = await post(await serve(), { receipt });
  expect(bare).toMatchObject({ status: 200, json: { valid: false } });
  expect(bare.json.reason).toContain('nobody vouches');
  expect(Object.keys(bare.json).sort()).toEqual(['notShown', 'reason', 'shown', 'valid']);
  const url = await serve();
  expect((await post(url, { receipt, policy: { allowDevSetup: true } })).json.valid).toBe(true);
  expect((await post(url, { receipt, policy: { vkeyHash: served.vkeyHash } })).json.valid).toBe(true);
  expect((await post(url, { receipt, policy: { vkeyHash: '0'.repeat(64) } })).json.valid).toBe(false);
  expect((await post(await serve({ keys: [served] }), { receipt })).json.valid).toBe(true);
});

test("the operator's pin covers his circuit, not another one with the same key", async () => {
  const url = await serve({ keys: [{ ...served, circuitDigest: '1'.repeat(64) }] });
  expect((await post(url, { receipt: tiny.receipt })).json.valid).toBe(false);
});

test('an altered receipt and junk receipts are answered, not thrown', async () => {
  const url = await serve({ keys: [served] });
  const altered = JSON.parse(JSON.stringify(tiny.receipt)) as { proof: { pi_a: string[] } };
  altered.proof.pi_a[0] = '1';
  for (const receipt of [altered, null, 7, 'x', [], {}, { proof: null }]) {
    const { status, json } = await post(url, { receipt });
    expect(status).toBe(200);
    expect(json.valid).toBe(false);
    expect(typeof json.reason).toBe('string');
  }
});

test('requests that ask nothing', async () => {
  const url = await serve({ bodyLimitBytes: 1000 });
  expect(await post(url, null, '{"receipt":')).toMatchObject({ status: 400, json: { error: { code: 'ZK1001' } } });
  expect(await post(url, {})).toMatchObject({ status: 400 });
  expect(await post(url, { receipt: {}, polcy: {} })).toMatchObject({ status: 400 });
  expect(await post(url, { receipt: {}, policy: { vkeyHash: 'xyz' } })).toMatchObject({ status: 400 });
  expect(await post(url, null, '{"receipt": {"__proto__": {"valid": true}}}')).toMatchObject({ status: 400 });
  expect(await post(url, { receipt: 'x'.repeat(2000) })).toMatchObject({ status: 413 });
  const missing = await fetch(`${url}/v2/verify`);
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ error: { code: 'ZK1001' } });
  expect((await fetch(`${url}/v1/verify`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })).status).toBe(415);
  expect(({} as { valid?: unknown }).valid).toBeUndefined();
});
