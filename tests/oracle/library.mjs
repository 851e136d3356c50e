// Rows of expressions over arrays, maps, dates and Intl, with what Node 20 and
// EJS 7 make of each.
//
//   node library.mjs MVCGEN [WORD...] [--native]  compares; words pick files
//   node library.mjs --record [WORD...] writes what the Node at hand gives
//
// library/NAME.json: {"zones", "now", "data", "rows"}, a row being [expression,
// result...] with a result for each zone; an error is "!Name: message".
// library/drifts.json holds rows whose results differ because Debian's ICU has
// older locale data than Node's: [expression, Node's result, ours, reason].
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const flags = process.argv.slice(2).filter((word) => word === '--native');
const [program, ...words] = process.argv.slice(2).filter((word) => word !== '--native');
const folder = new URL('./library/', import.meta.url);
const names = fs.readdirSync(folder).filter((name) => name.endsWith('.json') && (!words.length || words.some((word) => name.includes(word))));
const read = (name) => JSON.parse(fs.readFileSync(new URL(name, folder), 'utf8'));
const template = (expression) => `<%- ${expression} %>`;

// What EJS gives, with the clock stopped at `now`.
function render(ejs, expression, data, zone, now) {
  const RealDate = globalThis.Date;
  process.env.TZ = zone;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => (args.length ? Reflect.construct(target, args, newTarget === globalThis.Date ? target : newTarget) : new target(now)),
    apply: () => new RealDate(now).toString(),
    get: (target, key) => (key === 'now' ? () => now : target[key]),
  });
  try {
    return ejs.render(template(expression), structuredClone(data), { compileDebug: false });
  } catch (error) {
    return `!${error.name}: ${error.message}`;
  } finally {
    globalThis.Date = RealDate;
  }
}

function record(name) {
  const ejs = createRequire(import.meta.url)('ejs');
  const file = read(name);
  const { zones, now, data } = file;
  for (const row of file.rows) {
    const [expression] = row;
    const results = zones.map((zone) => render(ejs, expression, data, zone, now));
    if (name === 'drifts.json') row[1] = results[0];
    else row.splice(0, row.length, expression, ...results);
  }
  const rows = file.rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
  fs.writeFileSync(new URL(name, folder), `{"zones": ${JSON.stringify(zones)},\n"now": ${now},\n"data": ${JSON.stringify(data)},\n"rows": [\n${rows}\n]}\n`);
}

// What the program gives for all rows in one zone.
function batch(file, zone, work) {
  const pages = file.rows.map(([expression], i) => {
    const page = path.join(work, `${i}.ejs`);
    fs.writeFileSync(page, template(expression));
    return JSON.stringify({ id: String(i), file: page, data: JSON.stringify(file.data), now: file.now, options: { compileDebug: false } });
  });
  const run = spawnSync(program, ['render', '--tz', zone, ...flags, '--batch', '-'], { input: `${pages.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) console.log(`${program} ended with ${run.status ?? run.signal}: ${run.stderr.slice(0, 2000)}`);
  const results = [];
  for (const line of run.stdout.split('\n').filter(Boolean)) {
    const { id, ok, out, name, message } = JSON.parse(line);
    results[id] = ok ? out : `!${name}: ${message}`;
  }
  return results;
}

let compared = 0;
let differences = 0;
function compare(name) {
  const file = read(name);
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'library-'));
  file.zones.forEach((zone, z) => {
    const results = batch(file, zone, work);
    file.rows.forEach((row, i) => {
      const expected = name === 'drifts.json' ? row[2] : row[1 + z];
      compared++;
      if (results[i] === expected) return;
      differences++;
      console.log(`${name} ${zone}: ${row[0]}\n   gives ${JSON.stringify(results[i])}\n   not   ${JSON.stringify(expected)}`);
    });
  });
  fs.rmSync(work, { recursive: true });
}

if (program === '--record') {
  names.forEach(record);
} else {
  names.forEach(compare);
  console.log(`${compared} rows, ${differences} differences`);
  process.exit(differences ? 1 : 0);
}
