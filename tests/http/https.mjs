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

function shaken(port, options, look) {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: 'localhost', rejectUnauthorized: false, ...options }, () => { resolve(look(socket)); socket.destroy(); });
    socket.on('error', () => resolve('refused'));
  });
}
const connects = (port, options) => shaken(port, options, (socket) => socket.getProtocol());
const shown = (port) => shaken(port, {}, (socket) => socket.getPeerCertificate().fingerprint256);
const fingerprint = (name) => new crypto.X509Certificate(fs.readFileSync(file(name))).fingerprint256;

// Asks until the answer is this, or it is plain that it never will be.
async function becomes(name, question, expected) {
  let got;
  for (let i = 0; i < 500 && (got = await question()) !== expected; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  same(name, got, expected);
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

// A renewed certificate is shown after SIGHUP, a broken one is not, and nobody
// is cut off meanwhile.
async function renewal() {
  const use = (name) => ['crt', 'key'].forEach((kind) => fs.copyFileSync(file(`${name}.${kind}`), file(`live.${kind}`)));
  use('ec');
  const child = spawn(program, [file('live.crt'), file('live.key'), file('files')], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => { said += String(chunk).replaceAll(folder + '/', ''); });
  const [port] = String(await new Promise((resolve) => child.stdout.once('data', resolve))).trim().split(' ').map(Number);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  let connections = 0;
  agent.on('free', (socket) => { socket.seen ??= ++connections; });
  const old = async () => [(await ask(https, { port, agent, path: '/about' })).status, connections];
  same('before', await shown(port), fingerprint('ec.crt'));
  same('an old connection', await old(), [200, 1]);

  use('rsa');
  child.kill('SIGHUP');
  await becomes('another kind', () => shown(port), fingerprint('rsa.crt'));
  same('it goes on', await old(), [200, 1]);
  use('chain');
  child.kill('SIGHUP');
  await becomes('with a chain', () => shown(port), fingerprint('chain.crt'));
  same('whose authority is sent', await shaken(port, {}, (socket) => socket.getPeerCertificate(true).issuerCertificate?.fingerprint256), fingerprint('authority.crt'));
  same('nothing to say', said, '');

  fs.copyFileSync(file('ec.key'), file('live.key'));
  child.kill('SIGHUP');
  await becomes('keys that do not fit', () => said, 'mvc: live.crt and live.key cannot be used for HTTPS: The certificate and the given key do not match.\n');
  said = '';
  fs.rmSync(file('live.key'));
  child.kill('SIGHUP');
  await becomes('a key that is gone', () => said, 'mvc: cannot read the key live.key: No such file or directory\n');
  said = '';
  use('expired');
  child.kill('SIGHUP');
  await becomes('an old one', () => said, 'mvc: warning: the certificate live.crt has expired\n');
  await becomes('is shown', () => shown(port), fingerprint('expired.crt'));
  same('and it still goes on', await old(), [200, 1]);
  agent.destroy();
  child.stdin.end();
  same('the end', await new Promise((resolve) => child.once('exit', resolve)), 0);
}

// One signed by an authority, with that after it; and one whose time is over.
function makeMore() {
  const sign = (name, ...more) => {
    execFileSync(openssl, ['req', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=localhost', '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)], { stdio: 'ignore' });
    execFileSync(openssl, ['x509', '-req', '-in', file(`${name}.csr`), '-CA', file('authority.crt'), '-CAkey', file('authority.key'), '-CAcreateserial', '-out', file(`${name}.crt`), ...more], { stdio: 'ignore' });
  };
  execFileSync(openssl, ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-days', '2', '-subj', '/CN=authority', '-keyout', file('authority.key'), '-out', file('authority.crt')], { stdio: 'ignore' });
  sign('chain', '-days', '2');
  fs.appendFileSync(file('chain.crt'), fs.readFileSync(file('authority.crt')));
  sign('expired', '-days', '-1');
}

function refusal(certificate, key, reason = true) {
  const run = spawnSync(program, [certificate, key, folder], { encoding: 'utf8', input: '' });
  return [run.status, run.stderr.replaceAll(folder + '/', '').replace(/(HTTPS): .*(\n)/, reason ? '$&' : '$1$2')];
}

await suite('ec');
await suite('rsa');
makeMore();
await renewal();
fs.writeFileSync(file('bad.crt'), 'nonsense');
same('another key', refusal(file('ec.crt'), file('rsa.key')), [1, 'mvc: ec.crt and rsa.key cannot be used for HTTPS: The certificate and the given key do not match.\n']);
same('no certificate', refusal(file('bad.crt'), file('ec.key'), false), [1, 'mvc: bad.crt and ec.key cannot be used for HTTPS\n']);
same('no file', refusal(file('ec.crt'), file('none')), [1, 'mvc: cannot read the key none: No such file or directory\n']);
fs.rmSync(folder, { recursive: true });
console.log(`${count} checks, ${failures} failed`);
process.exit(failures ? 1 : 0);
