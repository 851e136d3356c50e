// The peers on Node, one round: nanoseconds a render, as JSON.
//
//   node peers.mjs DATA_FOLDER VIEWS SECONDS [NAME...]
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { literals } from './literals.mjs';

const require = createRequire(new URL('../oracle/package.json', import.meta.url));
const ejs = require('ejs');
const { Eta } = require('eta');
const [data, views, seconds, ...names] = process.argv.slice(2);

function time(render) {
  for (let i = 0, end = performance.now() + 60; performance.now() < end || i < 5; i++) render();
  let n = 0, spent = 0;
  const budget = Number(seconds) * 1000;
  while (spent < budget) {
    const turns = Math.max(1, n >> 3);
    const t = performance.now();
    for (let i = 0; i < turns; i++) render();
    spent += performance.now() - t;
    n += turns;
  }
  return (spent * 1e6) / n;
}

// eta's own syntax: `it.` and autoescaping <%= %>, through its EJS-like tags
const eta = new Eta({ views, useWith: true, autoTrim: false, cache: true });
const out = {};
for (const name of names) {
  const json = fs.readFileSync(path.join(data, `${name}.json`), 'utf8');
  const locals = JSON.parse(json);
  const file = path.join(views, `${name}.ejs`);
  const source = fs.readFileSync(file, 'utf8');
  const plain = ejs.compile(source, { filename: file, cache: true });
  const fast = ejs.compile(source, { filename: file, cache: true, _with: false, destructuredLocals: [...Object.keys(locals), 'title', 'post'], compileDebug: false });
  const row = { size: Buffer.byteLength(plain(locals)) };
  row.ejs = time(() => plain(locals));
  row.fast = fast(locals) === plain(locals) ? time(() => fast(locals)) : null;
  row.json = time(() => plain(JSON.parse(json)));
  try {
    const fn = eta.compile(source.replace(/<%- include\(/g, '<%~ include('));
    fn.call(eta, locals);
    row.eta = /include/.test(source) ? null : time(() => fn.call(eta, locals));
  } catch {
    row.eta = null;
  }
  const literal = literals[name];
  row.literal = literal && literal(locals) === plain(locals) ? time(() => literal(locals)) : null;
  out[name] = row;
}
console.log(JSON.stringify(out));
