// run.mjs RUN_BATCH [WORD...] - runs test262 and says how many tests pass, by
// area.  $TEST262 is a checkout of tc39/test262; without it, skipped (exit 77).
// Words pick tests by their path; FAILURES=n prints so many of the failures.
// MVCGEN=PROGRAM runs them as C, through `render --native`; EVERY=n takes only
// each n-th, since a test and its harness take the compiler some 0.2 s.
//
// Tests are chosen by what they use, never by how they come out: left out are
// the features and built-ins that the language leaves out, and tests whose
// helpers need those.  A test is a function in a scriptlet, after the harness.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { Tally, modes, tests, topLevel, without } from './tests.mjs';

const [program, ...words] = process.argv.slice(2);
const root = process.env.TEST262;
if (!root) { console.log('TEST262 is not set'); process.exit(77); }
let failures = Number(process.env.FAILURES || 0);

const builtins = ['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Math', 'JSON', 'Date', 'RegExp', 'Map', 'Set', 'Error', 'NativeErrors',
  'isNaN', 'isFinite', 'parseInt', 'parseFloat', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'Infinity', 'NaN', 'undefined', 'global'];
const noFeatures = new Set([...without, 'Symbol', 'Symbol.asyncIterator', 'Symbol.hasInstance', 'Symbol.isConcatSpreadable', 'Symbol.iterator', 'Symbol.match', 'Symbol.matchAll',
  'Symbol.prototype.description', 'Symbol.replace', 'Symbol.search', 'Symbol.species', 'Symbol.split', 'Symbol.toPrimitive', 'Symbol.toStringTag', 'Symbol.unscopables',
  'Proxy', 'Reflect', 'Reflect.construct', 'Reflect.set', 'Reflect.setPrototypeOf', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'TypedArray', 'ArrayBuffer', 'DataView', 'SharedArrayBuffer',
  'Atomics', 'Uint8Array', 'Int8Array', 'Temporal', 'ShadowRealm', 'cross-realm', 'caller', 'iterator-helpers', 'iterator-sequencing', 'set-methods', 'array-grouping', 'Array.fromAsync', 'promise-with-resolvers', 'promise-try',
  'change-array-by-copy-species', 'json-parse-with-source', 'Float16Array', 'Math.sumPrecise', 'RegExp.escape', 'Error.isError', 'upsert', 'symbols-as-weakmap-keys', '__proto__', '__getter__', '__setter__', 'tail-call-optimization', 'legacy-regexp', 'Intl-enumeration', 'IsHTMLDDA', 'host-gc-required', 'resizable-arraybuffer', 'nonextensible-applies-to-private', 'stable-array-sort-typed', 'uint8array-base64', 'Object.prototype.__proto__', 'proxy-missing-checks', 'error-cause-proxy', 'error-stack-accessor', 'Array.prototype.includes-typed', 'await-dictionary', 'joint-iteration', 'iterator-chunking']);
// Built-ins that the language leaves out, and helpers of test262 that need them.
const never = /\b(Symbol|Proxy|Reflect|WeakMap|WeakSet|WeakRef|Promise|BigInt|eval|Atomics|ArrayBuffer|DataView|Int8Array|Uint8Array|Float64Array|Int32Array|Uint16Array|Temporal|Iterator|defineProperty|defineProperties|getOwnPropertyDescriptors?|getOwnPropertyNames|getOwnPropertySymbols|setPrototypeOf|__define[GS]etter__|__lookup[GS]etter__|__proto__|verify\w+|isConstructor|\$262|fnGlobalObject|GeneratorFunction|preventExtensions|isExtensible|propertyIsEnumerable|captureStackTrace|setTimeout|AggregateError|AsyncFunction|(Big)?(Int|Uint|Float)\d+(Clamped)?Array)\b|\bFunction\s*\(|\bnew Function\b|\bFunction\.(prototype|call|apply)\b|\bwith\s*\(|\basync\b|\bawait\b|\.caller\b|\.constructor\)\(|\bextends\s+(Function|RegExp)\b|\bcallee\b/;
const noIncludes = /propertyHelper|proxyTrapsHelper|testTypedArray|detachArrayBuffer|promiseHelper|asyncHelpers|wellKnownIntrinsicObjects|isConstructor|tcoHelper|hidden-constructors|regExpUtils|testAtomics|testBigInt|sm\/|fnGlobalObject|iteratorZipUtils|resizableArrayBuffer|deepEqual|nativeErrors|nativeFunctionMatcher|dateConstants_unused/;

// A script's own variables are properties of the global object, those of the
// function that we make of a test are not: left out are tests that ask.
const asGlobal = (text) => [...text.matchAll(/^(?:var|function)\s+([\w$]+)/gm)].some(([, name]) =>
  new RegExp(`\\b(this|globalThis)(\\.|\\[["'])${name.replaceAll('$', '\\$&')}\\b`).test(text));

const harness = (name) => fs.readFileSync(path.join(root, 'harness', name), 'utf8');
const always = harness('sta.js') + harness('assert.js');
const noComments = (text) => text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');

const records = [];
let skipped = 0;
for (const test of tests(root, ['language', 'annexB/language', ...builtins.map((name) => `built-ins/${name}`), 'annexB/built-ins'], words)) {
  const { name, text, flags, features, includes, phase, type } = test;
  if (topLevel.test(name) || phase === 'parse' || phase === 'resolution' || flags.includes('module') || flags.includes('async') || flags.includes('CanBlockIsFalse') ||
      features.some((word) => noFeatures.has(word)) || includes.some((word) => noIncludes.test(word)) || never.test(noComments(text)) || asGlobal(noComments(text))) { skipped++; continue; }
  const before = always + includes.map(harness).join('');
  for (const strict of modes(test)) {
    const code = `(function () {${strict ? '"use strict";' : ''}\n${text}\n}).call(this)`;
    // What is to throw prints the name of what it throws.
    const body = type ? `try { ${code} } catch (error) { \x02\x03\x01\x02= error.constructor.name \x02\x03\x01\x02 }` : code;
    records.push({ name, strict, expected: type || '', text: `\x01\x02 ${before};\n${body} \x02\x03` });
  }
}

// Runs the records; goes on after one that ends the program.
function run(list) {
  const answers = [];
  while (answers.length < list.length) {
    const part = list.slice(answers.length, answers.length + 500);
    const input = Buffer.concat(part.map(({ text }) => Buffer.concat([Buffer.from(`- ${Buffer.byteLength(text)}\n`), Buffer.from(text)])));
    const { stdout, signal, status, stderr } = spawnSync(program, { input, maxBuffer: 1 << 30, timeout: 600000 });
    let n = 0;
    for (let at = 0; at < stdout.length; n++) {
      const end = stdout.indexOf(10, at), [kind, size] = stdout.toString('latin1', at, end).split(' ');
      const text = stdout.toString('utf8', end + 1, end + 1 + Number(size));
      answers.push({ ok: kind === 'ok', text });
      at = end + 1 + Number(size) + 1;
    }
    if (n < part.length) answers.push({ ok: false, text: `crash: ${signal || status} ${stderr.toString().slice(0, 300)}` });
  }
  return answers;
}

// The same as C, a few hundred templates in one library at a time.
function runNative(list, mvcgen) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'test262-'));
  const cc = path.join(work, 'cc');
  fs.writeFileSync(cc, '#!/bin/sh\nexec cc "$@" -O0\n', { mode: 0o755 });
  const answers = [];
  while (answers.length < list.length) {
    const part = list.slice(answers.length, answers.length + 100);
    const lines = part.map(({ text }, id) => {
      const file = path.join(work, `${id}.ejs`);
      fs.writeFileSync(file, text);
      return JSON.stringify({ id, file, data: {}, timeout_ms: 5000, options: { openDelimiter: '\x01', delimiter: '\x02', closeDelimiter: '\x03', compileDebug: false } });
    });
    const { stdout, signal, status, stderr } = spawnSync(mvcgen, ['render', '--native', '--batch', '-'], { input: lines.join('\n'), encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, CC: cc } });
    const given = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    for (const a of given) answers.push(a.ok ? { ok: true, text: a.out } : { ok: false, text: `${a.name}: ${a.message.split('\n').pop()}` });
    if (given.length < part.length) answers.push({ ok: false, text: `crash: ${signal || status} ${stderr.slice(0, 300)}` });
  }
  fs.rmSync(work, { recursive: true });
  return answers;
}

const every = Number(process.env.EVERY || 1);
const chosen = records.filter((_, i) => i % every === 0);
const tally = new Tally();
(process.env.MVCGEN ? runNative(chosen, process.env.MVCGEN) : run(chosen)).forEach((answer, i) => {
  const { name, strict, expected } = chosen[i];
  const right = answer.ok && answer.text === expected;
  tally.add(name, right);
  if (!right && failures-- > 0) console.log(`${name}${strict ? ' strict' : ''}: ${answer.text}`);
});
console.log(`${skipped} files left out`);
process.exit(tally.print(true));
