import { readFile, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCommand, start } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { connect } from '../support/client.ts';
import { exchange, requestText, serve } from './served.ts';

/** Where the service listens, who is let in, how it stops. */

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

/** An address of this machine other than the one that is listened on by default; Linux answers on all of 127/8. */
const elsewhere = '127.0.0.2';
const health = (port: number) => requestText('GET /healthz HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: close');

describe('the port', () => {
  test('is on 127.0.0.1 alone by default', async () => {
    const { port, http } = await serve(command);
    expect(http).toBe(`http://127.0.0.1:${port}`);
    expect((await exchange(port, health(port))).status).toBe(200);
    await expect(exchange(port, health(port), elsewhere)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.evil.example', '::ffff:127.0.0.1', ''])(
    'is not opened on %j without TLS or --insecure',
    async (host) => {
      const running = start(command, ['serve', '--port', '0', '--data', join(await temporaryDirectory(), 'd'), '--host', host]);
      expect(await running.exit).toMatchObject({ code: 2 });
      expect([running.out(), running.err()]).toEqual(['', expect.stringContaining('--insecure')]);
    },
  );

  test.skipIf(process.platform !== 'linux')('is open to others with --insecure, who still need an allowed Host and a token', async () => {
    const { port, url } = await serve(command, { args: ['--host', '0.0.0.0', '--insecure'] });
    expect((await exchange(port, health(port), elsewhere)).status).toBe(200);
    const withHost = (host: string) => requestText('GET /healthz HTTP/1.1', `Host: ${host}`, 'Connection: close');
    for (const host of [`${elsewhere}:${port}`, `0.0.0.0:${port}`])
      expect((await exchange(port, withHost(host), elsewhere)).status).toBe(403);
    await expect(connect(url.replace('0.0.0.0', '127.0.0.1'), 'troupe_guess')).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
  });

  test('speaks TLS only, when it was given a certificate', async () => {
    const tls = ['--tls-cert', 'fixtures/tls/localhost.cert.pem', '--tls-key', 'fixtures/tls/localhost.key.pem'];
    const { port, http } = await serve(command, { args: tls });
    const ca = await readFile('fixtures/tls/localhost.cert.pem');
    const status = (maxVersion?: 'TLSv1.1' | 'TLSv1.2') =>
      new Promise((resolve, reject) => {
        request(`${http}/healthz`, { ca, ...(maxVersion === undefined ? {} : { maxVersion, minVersion: 'TLSv1' as const }) }, (answer) =>
          resolve(answer.resume().statusCode),
        )
          .on('error', reject)
          .end();
      });
    expect([await status(), await status('TLSv1.2')]).toEqual([200, 200]);
    await expect(status('TLSv1.1')).rejects.toThrow(/protocol|version/i);
    expect(await exchange(port, health(port))).toEqual({ status: 0, head: '' });
  });
});

describe('the first token', () => {
  test('is made at the first start, for the owner alone whatever the umask says, and is 256 random bits', async () => {
    const seen = new Set<string>();
    const before = process.umask(0);
    try {
      for (let times = 0; times < 2; times += 1) {
        const { data, token } = await serve(command);
        seen.add(token);
        expect(Buffer.from(token.replace('troupe_', ''), 'base64url')).toHaveLength(32);
        for (const name of ['token', 'tokens.json']) expect([name, (await stat(join(data, name))).mode & 0o777]).toEqual([name, 0o600]);
        expect(await readFile(join(data, 'tokens.json'), 'utf8')).not.toContain(token);
      }
    } finally {
      process.umask(before);
    }
    expect(seen.size).toBe(2);
  });

  test('is needed even from this machine', async () => {
    const { url } = await serve(command);
    for (const wrong of ['troupe_', 'undefined', `troupe_${'A'.repeat(43)}`])
      await expect(connect(url, wrong)).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
  });

  test('more are made with `troupe token`: told once, kept as a hash', async () => {
    const { data, url } = await serve(command);
    const added = start(command, ['token', 'add', 'ci', '--scope', 'read', '--data', data]);
    await added.exit;
    const token = added.out().trim();
    expect((await connect(url, token)).hello.scopes).toEqual(['read']);
    expect(await readFile(join(data, 'tokens.json'), 'utf8')).not.toContain(token);
    const listed = start(command, ['token', 'list', '--data', data]);
    await listed.exit;
    expect(listed.out()).toContain('ci');
    expect(listed.out()).not.toContain(token);
  });
});
