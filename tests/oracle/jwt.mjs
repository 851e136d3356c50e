// Tokens made by npm's jsonwebtoken are verified by ours and the other way
// round, with the same claims or the same error.
//
//   node jwt.mjs PROGRAM
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const jwt = require('jsonwebtoken');
const [program] = process.argv.slice(2);

const pem = (key, type = key.type === 'private' ? 'pkcs8' : 'spki') => key.export({ type, format: 'pem' });
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' });
const small = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
const secret = 'a secret of more than thirty-two bytes, which is what it takes';
const KEYS = {
  HS256: { mine: { secret }, check: { secret }, theirs: secret, verify: secret },
  RS256: { mine: { pem: pem(rsa.privateKey) }, check: { pem: pem(rsa.publicKey) }, theirs: rsa.privateKey, verify: rsa.publicKey },
  ES256: { mine: { pem: pem(ec.privateKey, 'sec1') }, check: { pem: pem(ec.publicKey) }, theirs: ec.privateKey, verify: ec.publicKey },
};
const now = Math.floor(Date.now() / 1000), day = 86400;

const jobs = [], checks = [];
function ask(name, job, check) {
  jobs.push(JSON.stringify(job));
  checks.push([name, check]);
}
let failures = 0, count = 0;
function same(name, got, expected) {
  count++;
  const a = JSON.stringify(got), b = JSON.stringify(expected);
  if (a === b) return;
  failures++;
  console.log(`not ok - ${name}\n  ours:   ${a}\n  theirs: ${b}`);
}
function theirVerify(token, key, options) {
  try {
    return { ok: jwt.verify(token, key, options) };
  } catch (e) {
    return { error: e.message };
  }
}

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const payloads = [{}, { name: 'Zoë ✓ 😀', admin: true, n: [1, 2.5, null], deep: { a: { b: 'c' } } }, { sub: '1', 'a"b': '\u0001\n<&>' }];

for (const [algorithm, key] of Object.entries(KEYS)) {
  for (const claims of payloads) {
    // theirs, verified by us
    const token = jwt.sign({ iat: now, ...claims }, key.theirs, { algorithm, expiresIn: day, keyid: 'k1' });
    const expected = theirVerify(token, key.verify, { algorithms: [algorithm] });
    ask(`${algorithm}: verify theirs`, { do: 'verify', token, ...key.check }, (a) => same(`${algorithm}: verify theirs`, a, expected));
    // ours, verified by them; byte for byte when the signature has no chance in it
    const options = { issuer: 'me', audience: 'you', subject: 's', jwtid: 'j', keyid: 'k2', expiresIn: 100, notBefore: 0 };
    if ('sub' in claims) delete options.subject;
    const all = { ...claims, iat: now };
    ask(`${algorithm}: sign`, { do: 'sign', ...key.mine, claims: all, options: { ...options, expiresIn: 0 } }, (a) => {
      const { expiresIn, notBefore, ...fixed } = options;
      const them = jwt.sign(all, key.theirs, { algorithm, ...fixed });
      if (algorithm !== 'ES256') same(`${algorithm}: sign, bytes`, a.ok, them);
      same(`${algorithm}: sign`, jwt.verify(a.ok, key.verify, { algorithms: [algorithm], complete: true }).payload,
        jwt.verify(them, key.verify, { algorithms: [algorithm], complete: true }).payload);
    });
    ask(`${algorithm}: sign with times`, { do: 'sign', ...key.mine, claims, options: { expiresIn: 100, notBefore: -5, audience: 'you' } }, (a) => {
      const got = jwt.verify(a.ok, key.verify, { algorithms: [algorithm], audience: 'you' });
      same(`${algorithm}: times`, [got.exp - got.iat, got.nbf - got.iat, Math.abs(got.iat - now) < 600], [100, -5, true]);
    });
  }
  // numbers of an ECDSA signature with leading zeros come up in a few of these
  for (let i = 0; algorithm === 'ES256' && i < 600; i++) {
    const token = jwt.sign({ i, iat: now }, key.theirs, { algorithm });
    ask('ES256: many', { do: 'verify', token, ...key.check }, (a) => same('ES256: many', a, { ok: { i, iat: now } }));
    ask('ES256: many', { do: 'sign', ...key.mine, claims: { i, iat: now } }, (a) =>
      same('ES256: many', theirVerify(a.ok, key.verify, { algorithms: [algorithm] }), { ok: { i, iat: now } }));
  }
}

// the same claims are refused with the same words
const TIMES = [
  [{ exp: now - 100 }], [{ exp: now - 100 }, { clockTolerance: 1000 }], [{ exp: now + 1000 }], [{ exp: now }], [{ exp: 'soon' }],
  [{ exp: now + 1000.5 }], [{ nbf: now + 1000 }], [{ nbf: now + 100 }, { clockTolerance: 1000 }], [{ nbf: 'x' }], [{ nbf: now - 1 }],
  [{ exp: now - 100, nbf: now + 1000 }], [{ aud: 'a' }, { audience: 'a' }], [{ aud: 'a' }, { audience: 'b' }], [{ aud: ['a', 'b'] }, { audience: 'b' }],
  [{ aud: ['a', 'b'] }, { audience: 'c' }], [{}, { audience: 'c' }], [{ iss: 'i' }, { issuer: 'i' }], [{ iss: 'i' }, { issuer: 'j' }], [{}, { issuer: 'j' }],
  [{ sub: 's' }, { subject: 's' }], [{ sub: 's' }, { subject: 't' }], [{ iat: now - 100 }, { maxAge: 50 }], [{ iat: now - 100 }, { maxAge: 5000 }],
  [{ iat: now - 100 }, { maxAge: 50, clockTolerance: 1000 }], [{}, { maxAge: 50 }],
];
function raw(claims, header = { alg: 'HS256', typ: 'JWT' }, key = secret) {
  const text = `${b64(header)}.${typeof claims === 'string' ? claims : b64(claims)}`;
  return `${text}.${crypto.createHmac('sha256', key).update(text).digest('base64url')}`;
}
for (const [claims, options = {}] of TIMES) {
  const name = `claims ${JSON.stringify(claims)} ${JSON.stringify(options)}`;
  const token = raw(claims);
  ask(name, { do: 'verify', secret, token, options }, (a) => same(name, a, theirVerify(token, secret, { algorithms: ['HS256'], ...options })));
}

// forgeries
const good = raw({ a: 1 });
const [head, body, sign] = good.split('.');
const none = `${b64({ alg: 'none', typ: 'JWT' })}.${body}.`;
const FORGED = [
  ['', 'malformed'], ['a', 'malformed'], ['a.b', 'malformed'], ['a.b.c.d', 'malformed'], [`${head}.${body}.`], [`${head}.${body}`], [`${head}.${body}.${sign}.`],
  [none], [`${none}AAAA`], [`${head}.${body}.${sign.slice(0, -4)}AAAA`], [`${head}.${b64({ a: 2 })}.${sign}`], [`${b64('{"alg":"HS256"')}.${body}.${sign}`],
  [raw({ a: 1 }, { alg: 'HS384' })], [raw({ a: 1 }, { alg: 'hs256' })], [raw({ a: 1 }, { alg: ['HS256'] })], [raw({ a: 1 }, { typ: 'JWT' })], [raw({ a: 1 }, undefined, 'another')],
];
for (const [token, word] of FORGED) {
  const name = `forged ${token.slice(0, 60)}`;
  ask(name, { do: 'verify', secret, token }, (a) => {
    const expected = theirVerify(token, secret, { algorithms: ['HS256'] });
    count++;
    if (!a.error || (word && !a.error.includes(word)) || !expected.error) failures++, console.log(`not ok - ${name}: ${JSON.stringify(a)} / ${JSON.stringify(expected)}`);
  });
}
// where the words matter
for (const [token, key, error] of [
  [`${head}.${body}.`, { secret }, 'jwt signature is required'], [none, { secret }, 'jwt signature is required'], [raw({ a: 1 }, undefined, 'another'), { secret }, 'invalid signature'],
  [raw({ a: 1 }, { alg: 'HS384' }), { secret }, 'invalid algorithm'],
  // an HS256 token made with the public key's text, for a server that has the key pair
  [raw({ a: 1 }, undefined, pem(rsa.publicKey)), { pem: pem(rsa.publicKey) }, 'invalid algorithm'],
  [jwt.sign({ a: 1 }, ec.privateKey, { algorithm: 'ES256' }), { pem: pem(rsa.publicKey) }, 'invalid algorithm'],
  [jwt.sign({ a: 1 }, rsa.privateKey, { algorithm: 'PS256' }), { pem: pem(rsa.publicKey) }, 'invalid algorithm'],
  [raw('W10'), { secret }, 'invalid token'], [raw('"text"'), { secret }, 'invalid token'], // claims that are no object
  [raw({ a: 1 }, { alg: 'HS256', crit: ['x'] }), { secret }, 'invalid token: its header has "crit"'],
]) ask(error, { do: 'verify', ...key, token }, (a) => same(error, a, { error }));

// keys that are refused
for (const [key, word] of [[{ secret: 'short' }, 'too short'], [{ secret: pem(rsa.publicKey) }, 'PEM key'], [{ pem: pem(small.privateKey) }, '1024 bits'],
  [{ pem: pem(p384.publicKey) }, '384 bits'], [{ pem: 'nonsense' }, 'no private key'], [{ pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n' }, 'no private key'],
  [{ pem: pem(crypto.generateKeyPairSync('ed25519').publicKey) }, 'EdDSA']])
  ask(word, { do: 'sign', ...key, claims: {} }, (a) => { count++; if (!a.error?.includes(word)) failures++, console.log(`not ok - ${word}: ${JSON.stringify(a)}`); });
ask('public', { do: 'sign', pem: pem(rsa.publicKey), claims: {} }, (a) => same('public', a, { error: 'this key cannot sign: expected a private key' }));
ask('twice', { do: 'sign', secret, claims: { exp: 1 }, options: { expiresIn: 5 } }, (a) => same('twice', a, { error: 'the claims have "exp" already: expected it there or in the options' }));

// RFC 7515, appendix A.3
const a3key = crypto.createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' } });
const a3 = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
const joe = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true };
const old = { clockTolerance: 10 ** 10 };
ask('A.3', { do: 'verify', token: a3, pem: pem(a3key), options: old }, (a) => same('RFC 7515 A.3', a, { ok: joe }));

const run = spawnSync(program, [], { input: jobs.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
const answers = run.stdout.trim().split('\n');
if (run.status !== 0 || answers.length !== jobs.length) {
  console.log(`${program} ended with ${run.status ?? run.signal} after ${answers.length} of ${jobs.length} answers\n${run.stderr}`);
  process.exit(1);
}
answers.forEach((line, i) => {
  try {
    checks[i][1](JSON.parse(line));
  } catch (e) {
    failures++;
    console.log(`not ok - ${checks[i][0]}: ${e.message}: ${line.slice(0, 200)}`);
  }
});
console.log(`${count} comparisons, ${failures} wrong`);
process.exit(failures ? 1 : 0);
