// HTTPS with a certificate made here: pages, bodies, files, streams, cookies,
// redirects from HTTP, old protocols, and what is said of keys that do not fit.
//
//   node https.mjs PROGRAM OPENSSL
import { spawn, spawnSync, execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

const [program, openssl] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'https-'));
const file = (name) => path.join(folder, name);
function make(name, ...kind) {
  execFileSync(openssl, ['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    ...kind, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)], { stdio: 'ignore' });
}
make('ec', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
make('rsa', '-newkey', 'rsa:2048');
const large = crypto.randomBytes(3 << 20);
fs.mkdirSync(file('files'));
fs.writeFileSync(file('files/large.bin'), large);

let failures = 0, count = 0;
function same(name, got, expected) {
  count++;
  if (JSON.stringify(got) === JSON.stringify(expected)) return;
  failures++;
  console.log(`not ok - ${name}\n  got:      ${JSON.stringify(got)}\n  expected: ${JSON.stringify(expected)}`);
}

function ask(module, options, body) {
  return new Promise((resolve) => {
    const request = module.request({ host: 'localhost', ...options }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on('error', (e) => resolve({ error: e.code ?? e.message }));
    request.end(body);
  });
}

function connects(port, options) {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: 'localhost', rejectUnauthorized: false, ...options }, () => { resolve(socket.getProtocol()); socket.destroy(); });
    socket.on('error', () => resolve('refused'));
  });
}

async function suite(kind) {
  const child = spawn(program, [file(`${kind}.crt`), file(`${kind}.key`), file('files')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port, plain] = String(await new Promise((resolve) => child.stdout.once('data', resolve))).trim().split(' ').map(Number);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: fs.readFileSync(file(`${kind}.crt`)) });
  const get = (target, more = {}, body) => ask(https, { port, agent, path: target, ...more }, body);

  const about = await get('/about');
  same('a page', JSON.parse(about.body ?? '{}'), { protocol: 'https', secure: true });
  same('HSTS', about.headers?.['strict-transport-security'], 'max-age=31536000; includeSubDomains');
  const visit = await get('/visit');
  same('a secure cookie', /^sid=[^;]+; Max-Age=86400; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/.test(visit.headers?.['set-cookie']?.[0]), true);
  const whole = await get('/files/large.bin');
  same('a large file', [whole.status, whole.body?.equals(large)], [200, true]);
  const part = await get('/files/large.bin', { headers: { Range: 'bytes=100-199' } });
  same('a part of it', [part.status, part.body?.equals(large.subarray(100, 200))], [206, true]);
  same('a large body', String((await get('/count', { method: 'POST', headers: { 'Content-Length': large.length } }, large)).body), String(large.length));
  same('a chunked body', String((await get('/count', { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } }, large)).body), String(large.length));
  same('events', String((await get('/events')).body), 'data: tick\n\n'.repeat(3));
  same('a blocking handler', String((await get('/slow')).body), 'slow');
  for (let i = 0; i < 20; i++) same('one connection', (await get('/about')).status, 200);
  same('an unknown authority', (await ask(https, { port, path: '/about' })).error, 'DEPTH_ZERO_SELF_SIGNED_CERT');

  same('TLS 1.3', await connects(port, { minVersion: 'TLSv1.3' }), 'TLSv1.3');
  same('TLS 1.2', await connects(port, { maxVersion: 'TLSv1.2' }), 'TLSv1.2');
  same('TLS 1.1', await connects(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'refused');

  // what is no TLS at all
  await new Promise((resolve) => net.connect(port, 'localhost', function () { this.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'); }).on('error', resolve).on('close', resolve).resume());
  same('and it lives', (await get('/about')).status, 200);

  // from HTTP
  const to = async (options) => { const r = await ask(http, { port: plain, ...options }); return [r.status, r.headers?.location, r.headers?.['strict-transport-security']]; };
  same('GET', await to({ path: '/a/b?c=%20d' }), [301, `https://localhost:${port}/a/b?c=%20d`, undefined]);
  same('POST', await to({ path: '/form', method: 'POST' }), [308, `https://localhost:${port}/form`, undefined]);
  same('the host asked for', await to({ path: '/', headers: { Host: 'shop.example:8080' } }), [301, `https://shop.example:${port}/`, undefined]);
  same('IPv6', await to({ path: '/', headers: { Host: '[::1]:8080' } }), [301, `https://[::1]:${port}/`, undefined]);
  same('two slashes', await to({ path: '//evil.example/' }), [301, `https://localhost:${port}//evil.example/`, undefined]);
  agent.destroy();
  child.stdin.end();
  same('the end', await new Promise((resolve) => child.once('exit', resolve)), 0);
}

function refusal(certificate, key, reason = true) {
  const run = spawnSync(program, [certificate, key, folder], { encoding: 'utf8', input: '' });
  return [run.status, run.stderr.replaceAll(folder + '/', '').replace(/(HTTPS): .*(\n)/, reason ? '$&' : '$1$2')];
}

await suite('ec');
await suite('rsa');
fs.writeFileSync(file('bad.crt'), 'nonsense');
same('another key', refusal(file('ec.crt'), file('rsa.key')), [1, 'mvc: ec.crt and rsa.key cannot be used for HTTPS: The certificate and the given key do not match.\n']);
same('no certificate', refusal(file('bad.crt'), file('ec.key'), false), [1, 'mvc: bad.crt and ec.key cannot be used for HTTPS\n']);
same('no file', refusal(file('ec.crt'), file('none')), [1, 'mvc: cannot read the key none: No such file or directory\n']);
fs.rmSync(folder, { recursive: true });
console.log(`${count} checks, ${failures} failed`);
process.exit(failures ? 1 : 0);
