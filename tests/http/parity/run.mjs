// Asks the application on Express and the one on libmvc the same things and
// compares status, headers that matter, and body.  What differs must be listed
// in differences.json with its reason, and what is listed must differ.
//
//   node run.mjs PROGRAM [--in FOLDER] [-v] [PATTERN]
//
// FOLDER (here: middleware) has an app.mjs, requests.mjs and differences.json of
// its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import zlib from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const [program, ...rest] = process.argv.slice(2);
const within = rest.indexOf('--in');
const folder = within < 0 ? here : path.join(here, rest.splice(within, 2)[1]);
const { default: requests } = await import(path.join(folder, 'requests.mjs'));
const verbose = rest.includes('-v');
const only = rest.find((arg) => arg !== '-v');
const publicDir = path.join(here, 'public');
const differences = JSON.parse(fs.readFileSync(path.join(folder, 'differences.json'), 'utf8'));

function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ports = new Promise((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data).trim().split(' ').map(Number)));
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
    child.once('error', reject);
  });
  return { child, ports };
}

function write(request) {
  const { method, target, body } = request;
  const { chunked, ...headers } = { Host: '127.0.0.1', ...request.headers };
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(headers))
    for (const one of [].concat(value)) head += `${name}: ${one}\r\n`;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  if (chunked) head += 'Transfer-Encoding: chunked\r\n';
  else if (bytes) head += `Content-Length: ${bytes.length}\r\n`;
  const parts = [Buffer.from(head + 'Connection: close\r\n\r\n')];
  if (chunked) parts.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n'));
  else if (bytes) parts.push(bytes);
  return Buffer.concat(parts);
}

function unchunk(body) {
  const parts = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at);
    const size = parseInt(body.toString('latin1', at, end), 16);
    if (!size) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { status: 0, headers: {}, body: bytes.toString() };
  const [line, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = {};
  for (const one of lines) {
    const colon = one.indexOf(':');
    const name = one.slice(0, colon).toLowerCase();
    (headers[name] ??= []).push(one.slice(colon + 1).trim());
  }
  let body = bytes.subarray(end + 4);
  if (headers['transfer-encoding']) body = unchunk(body);
  return { status: Number(line.split(' ')[1]), headers, body: inflate(headers, body).toString() };
}

// What the client sees; how well it was packed is each one's own affair.
function inflate(headers, body) {
  const unpack = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync, deflate: zlib.inflateSync };
  const name = headers['content-encoding']?.[0];
  if (!unpack[name] || !body.length) return body;
  delete headers['content-length'];
  try { return unpack[name](body); } catch (e) { return `${name}: ${e.message}`; }
}

function send(port, request) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const chunks = [];
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('connect', () => socket.write(write(request)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))));
  });
}

const ignored = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);
function normalise(answer) {
  const headers = {};
  for (const name of Object.keys(answer.headers).sort()) {
    if (ignored.has(name)) continue;
    headers[name] = answer.headers[name].map((value) => {
      // the hash in a tag is ours; see etag.h
      if (name === 'etag') return value.replace(/"([0-9a-f]+)-[A-Za-z0-9+/]{22,27}"/, '"$1-*"');
      if (name === 'x-response-time') return value.replace(/\d+\.\d+/, 'N');
      if (name === 'ratelimit-reset' || name === 'retry-after') return 'N';
      if (name === 'set-cookie') return value.replace(/Expires=(?!Thu, 01 Jan 1970)[^;]*/, 'Expires=*').replace(/^sid=s%3A[^;]+/, 'sid=*');
      return value;
    });
  }
  let body = answer.body;
  if (/json/.test(headers['content-type']?.[0] ?? '') && body.startsWith('{'))
    try { body = JSON.stringify(sorted(JSON.parse(body))) + (body.includes('\n') ? ' (indented)' : ''); delete headers.etag; } catch {}
  return { status: answer.status, headers, body };
}

// Members of objects in one order: JavaScript puts those with numbers first.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function compare(expected, actual) {
  const found = [];
  if (expected.status !== actual.status) found.push(`status: ${expected.status} / ${actual.status}`);
  for (const name of new Set([...Object.keys(expected.headers), ...Object.keys(actual.headers)])) {
    const a = JSON.stringify(expected.headers[name]), b = JSON.stringify(actual.headers[name]);
    if (a !== b) found.push(`${name}: ${a} / ${b}`);
  }
  if (expected.body !== actual.body) found.push(`body: ${JSON.stringify(expected.body)} / ${JSON.stringify(actual.body)}`);
  return found;
}

// Requests with a `jar` keep cookies between them, each side its own.
const jars = new Map();
const jarOf = (request, side) => {
  const name = `${request.jar} ${side}`;
  if (!jars.has(name)) jars.set(name, new Map());
  return jars.get(name);
};

async function visit(side, port, request) {
  if (!request.jar) return send(port, request);
  const jar = jarOf(request, side);
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await send(port, { ...request, headers: { ...request.headers, ...(cookie && { Cookie: cookie }) } });
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
    if (/Expires=Thu, 01 Jan 1970|Max-Age=0/.test(line)) jar.delete(name);
    else jar.set(name, value);
  }
  return answer;
}

const describe = ({ app, method, target, headers, body }) =>
  `${app ? 'B ' : ''}${method} ${target}` + (Object.keys(headers).length ? ' ' + JSON.stringify(headers) : '') +
  (body === undefined ? '' : ' ' + JSON.stringify(Buffer.from(body).toString('latin1').slice(0, 110)));

const express = start(process.execPath, [path.join(folder, 'app.mjs'), publicDir]);
const ours = start(program, [publicDir]);
let failed = 0, known = 0;
try {
  const [expressPorts, ourPorts] = await Promise.all([express.ports, ours.ports]);
  const used = new Set();
  for (const request of requests) {
    const name = describe(request);
    if (only && !name.includes(only)) continue;
    const [expected, actual] = (await Promise.all([
      visit('theirs', expressPorts[request.app], request), visit('ours', ourPorts[request.app], request)])).map(normalise);
    let found = compare(expected, actual);
    for (const d of differences) {
      if (!new RegExp(d.request).test(name)) continue;
      const left = found.filter((one) => !new RegExp(d.difference).test(one));
      if (left.length < found.length) { used.add(d); known++; }
      found = left;
    }
    if (found.length) {
      failed++;
      console.log(`not ok - ${name}\n    ${found.join('\n    ')}`);
    } else if (verbose) console.log(`ok - ${name}`);
  }
  for (const d of only ? [] : differences) {
    if (used.has(d)) continue;
    failed++;
    console.log(`not ok - listed, but no longer different: ${d.request} ${d.difference}`);
  }
  console.log(`${requests.length} requests, ${failed} failed, ${known} differences that are listed`);
} finally {
  express.child.removeAllListeners('exit');
  ours.child.removeAllListeners('exit');
  express.child.kill();
  ours.child.stdin.end();
}
process.exitCode = failed ? 1 : 0;
