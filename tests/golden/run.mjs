// Renders the golden cases (cases.mjs says what those are) with mvcgen and
// compares, byte for byte.
//
//   node run.mjs MVCGEN [--native] [--accept] [WORD...]
//
// --native   compiles the templates to C and runs that
// --accept   shows each difference and asks whether the new result is right;
//            templates that have no result yet are offered as well
// WORD       only cases whose name contains it
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cases, home, load, templates } from './cases.mjs';

const words = process.argv.slice(3).filter((a) => !a.startsWith('--'));
const mvcgen = path.resolve(process.argv[2]);
const native = process.argv.includes('--native');
const accept = process.argv.includes('--accept');

function request({ id, file, data, options, now }) {
  const folder = path.dirname(file);
  return JSON.stringify({ id, file, data, options: { root: folder, views: [folder], ...options }, ...(now !== undefined && { now }) });
}

// The answers by id: { out } or { err }.
function render(list) {
  const args = ['render', ...(native ? ['--native'] : []), '--batch', '-'];
  const input = list.map((c) => request(c) + '\n').join('');
  const run = spawnSync(mvcgen, args, { cwd: home, input, encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, TZ: 'UTC' } });
  const answers = new Map();
  for (const line of (run.stdout ?? '').split('\n').filter(Boolean)) {
    const { id, ok, out, name, message } = JSON.parse(line);
    answers.set(id, ok ? { out } : { err: `${name}: ${message}\n`.replaceAll(`${home}/`, '') });
  }
  if (run.status !== 0 || answers.size !== list.length) console.log(`mvcgen ended with ${run.status ?? run.signal ?? run.error} after ${answers.size} of ${list.length} answers\n${run.stderr}`);
  return answers;
}

const passes = (c, answer) => answer !== undefined && (c.html === null || c.html === answer.out) && (c.err === null || c.err === answer.err);

function show(c, answer) {
  const expected = c.html ?? c.err ?? '', got = answer?.out ?? answer?.err ?? 'no answer';
  console.log(`--- ${c.id}${native ? ' (native)' : ''}`);
  const a = expected.split('\n'), b = got.split('\n');
  let first = 0;
  while (first < a.length && a[first] === b[first]) first++;
  for (const line of a.slice(first, first + 5)) console.log(`- ${line}`);
  for (const line of b.slice(first, first + 5)) console.log(`+ ${line}`);
}

function yes(question) {
  fs.writeSync(1, question);
  const answer = Buffer.alloc(64);
  return fs.readSync(0, answer) > 0 && /^y/i.test(answer.toString());
}

function take(c, answer) {
  const at = path.join(home, c.id);
  fs.rmSync(`${at}.html`, { force: true });
  fs.rmSync(`${at}.err`, { force: true });
  fs.writeFileSync(at + (answer.out !== undefined ? '.html' : '.err'), answer.out ?? answer.err);
}

const list = accept ? templates().map(load).filter((c) => !words.length || words.some((word) => c.id.includes(word))) : cases(words);
const answers = render(list);
let failed = 0;
for (const c of list) {
  const answer = answers.get(c.id), fresh = c.html === null && c.err === null;
  if (!fresh && passes(c, answer)) continue;
  show(c, answer);
  if (accept && answer && yes('take the new result? [y/N] ')) take(c, answer);
  else if (!fresh) failed++;
}
console.log(`${list.length} cases, ${failed} failed${native ? ' (native)' : ''}`);
process.exit(failed || answers.size !== list.length ? 1 : 0);
