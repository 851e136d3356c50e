// Random applications, asked at random: libmvc's router has to refuse the
// patterns that Express refuses, and to call the handlers that Express calls, in
// its order, with its parameters and paths.
//
//   node routes.mjs PROGRAM [COUNT [SEED]]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const express = require('express');
const [program, count = '2000', seed = '1'] = process.argv.slice(2);

// mulberry32
let state = Number(seed);
function below(n) {
  state = (state + 0x6D2B79F5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * n);
}
const pick = (list) => list[below(list.length)];
const some = (most, make) => Array.from({ length: 1 + below(most) }, make);

const USUAL = ['/', '/', '/', ':a', ':b', '*w', '{', '}', 'a', 'b', '-', '.', '/foo'];
const ODD = [...USUAL, ':"x y"', '*v', 'ab', '\\:', '\\*', '\\{', '\\}', 'é', '%', ':', '*', '(', ')', '[', '+', '?', '!', '\\', ':1', ':"', '"', ':a1_$', 'A', '~', '@', ',', ';', '='];
const READY = ['/', '/a', '/a/b', '/:x', '/:x/b', '/a/:y', '/*w', '/a/*w', '/a{/:z}', '/:x-:y', '/b', '/b/', '/a%20b', '/{:o}', '/:n.json'];
const PARTS = ['a', 'b', 'foo', 'a-b', 'x.json', 'a.b', 'a%20b', 'a%2Fb', '', '%zz', 'A', '%C3%A9', ':', '*', '1'];

// Names given twice and doubled slashes at the end are no use to anybody.
function pattern(parts) {
  for (;;) {
    let open = 0, text = '/';
    for (const part of some(7, () => pick(parts))) {
      if (part === '}' && !open && below(5)) continue;
      open += part === '{' ? 1 : part === '}' ? -1 : 0;
      text += part;
    }
    while (open-- > 0 && below(8)) text += '}';
    const names = [...text.replace(/\\./g, '').matchAll(/[:*]("[^"]*"|[\w$]+)/g)].map((m) => m[1]);
    if (new Set(names).size === names.length && !text.endsWith('//')) return text;
  }
}

// What might match: values for the parameters, with and without the groups.
function likely(path) {
  const filled = path.replace(/:"[^"]*"|:[\w$]+/g, () => pick(['x', 'a-b', 'a.b', '1'])).replace(/\*[a-z]+/g, () => pick(['x', 'x/y', 'a'])).replace(/\\/g, '');
  const shown = below(2) ? filled.replace(/\{[^{}]*\}/g, '') : filled;
  return encodeURI(shown.replace(/[{}"?# ]/g, '')).replace(/%25/g, '%') || '/';
}

const METHODS = ['GET', 'GET', 'GET', 'POST', '*', 'use', 'use', 'mount', 'mount', 'error'];
const ACTIONS = ['send', 'send', 'send', 'next', 'next', 'next', 'fail', 'route', 'router'];
function rows(depth, label) {
  return some(5, (_, i) => {
    const method = pick(METHODS), row = { method, path: pick(READY), label: `${label}${i}`, actions: some(3, () => pick(ACTIONS)) };
    if (method === 'error') row.path = '/';
    if (method !== 'mount') return row;
    if (depth === 2) return { ...row, method: 'GET' };
    return { ...row, rows: rows(depth + 1, row.label), merge: !below(2) };
  });
}

function application(i) {
  const one = i % 2 ? null : { method: below(4) ? 'GET' : 'use', path: pattern(below(4) ? USUAL : ODD), label: 'one', actions: ['send'] };
  const asked = some(9, () => [pick(['GET', 'GET', 'POST', 'HEAD', 'OPTIONS']), '/' + some(3, () => pick(PARTS)).join('/')]);
  if (one) asked.push(['GET', likely(one.path)], ['GET', likely(one.path)]);
  return { strict: !!one && !below(4), case: !!one && !below(4), rows: one ? [one] : rows(0, 'r'), asked };
}

function build(router, list) {
  for (const row of list) {
    const handlers = row.actions.map((action) => (req, res, next) => {
      const params = Object.entries(req.params).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]);
      res.met.push([row.label, action, req.baseUrl, req.path, Object.fromEntries(params)]);
      if (action === 'send') res.end();
      else next(action === 'next' ? undefined : action === 'fail' ? Object.assign(new Error('as told'), { status: 418 }) : action);
    });
    if (row.rows) router.use(row.path, build(express.Router({ mergeParams: row.merge }), row.rows));
    else if (row.method === 'error') router.use((err, req, res, next) => { res.met.push(`error ${err.status ?? 500}`); next(err); });
    else if (row.method === 'use') router.use(row.path, ...handlers);
    else router[row.method === '*' ? 'all' : row.method.toLowerCase()](row.path, ...handlers);
  }
  return router;
}

// As much of a request and a response as the router looks at.
function ask(app, [method, url]) {
  return new Promise((resolve) => {
    const headers = {}, socket = {}, nothing = () => {};
    const req = { method, url, headers: {}, socket, on: nothing, unpipe: nothing, resume: nothing };
    const res = { met: [], getHeader: nothing, removeHeader: nothing, on: nothing };
    res.setHeader = (name, value) => { headers[name] = value; };
    res.end = () => resolve([200, ...res.met, ...(headers.Allow ? [headers.Allow] : [])]);
    app(req, res, (err) => resolve([err ? err.status ?? 500 : 404, ...res.met]));
  });
}

async function expected({ strict, case: exact, rows: list, asked }) {
  const app = express();
  app.set('strict routing', strict);
  app.set('case sensitive routing', exact);
  try { build(app, list); } catch { return 'refused'; }
  const answers = [];
  for (const request of asked) answers.push(await ask(app, request));
  return answers;
}

// Parameters in one order.
const tidy = (one) => JSON.stringify(one, (key, value) => (value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value));
const read = (answers) => (answers === 'refused' ? answers : answers.map((answer) => answer.map((one) => (String(one).startsWith('[') ? JSON.parse(one) : one))));

const cases = Array.from({ length: Number(count) }, (_, i) => application(i));
const run = spawnSync(program, { input: cases.map((c) => JSON.stringify(c) + '\n').join(''), encoding: 'utf8', maxBuffer: 1 << 28 });
const lines = run.stdout.split('\n').slice(0, -1);
let failed = lines.length === cases.length ? 0 : 1, requests = 0, refused = 0;
if (failed) console.log(`not ok - the program ended (${run.signal ?? run.status}) with\n${JSON.stringify(cases[lines.length])}\n${run.stderr}`);
for (const [i, line] of lines.entries()) {
  const theirs = await expected(cases[i]), ours = read(JSON.parse(line));
  requests += cases[i].asked.length;
  refused += theirs === 'refused';
  if (theirs === 'refused' || ours === 'refused') {
    if (theirs === ours) continue;
    console.log(`not ok - ${JSON.stringify(cases[i].rows)} is refused by ${ours === 'refused' ? 'us' : 'Express'}`);
    failed++;
    continue;
  }
  for (const [k, request] of cases[i].asked.entries()) {
    if (tidy(theirs[k]) === tidy(ours[k])) continue;
    failed++;
    console.log(`not ok - ${request.join(' ')} of ${JSON.stringify(cases[i].rows)}\n  got:      ${tidy(ours[k])}\n  expected: ${tidy(theirs[k])}`);
  }
}
console.log(`${lines.length} applications, ${refused} of them refused, ${requests} requests, ${failed} differ`);
process.exit(failed ? 1 : 0);
