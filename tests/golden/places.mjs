// Where errors are said to be: line and column of the part of the template that
// failed, the same from the interpreter and from C.  EJS knows no column, and
// of the line only the tag's.
//
//   node places.mjs MVCGEN
//
// places.json: rows of ["LINE:COLUMN", template]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const rows = JSON.parse(fs.readFileSync(new URL('places.json', import.meta.url), 'utf8'));
const data = { user: { name: 'x' }, list: [1, 2], nul: null };
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'places-'));
const lines = rows.map(([, text], id) => {
  const file = path.join(work, `${id}.ejs`);
  fs.writeFileSync(file, text);
  return JSON.stringify({ id, file, data });
});

let wrong = 0;
for (const lane of [[], ['--native']]) {
  const run = spawnSync(process.argv[2], ['render', ...lane, '--batch', '-'], { input: lines.join('\n'), encoding: 'utf8' });
  const answers = new Map(run.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).map((a) => [a.id, a]));
  for (const [id, [expected, text]] of rows.entries()) {
    const a = answers.get(id), got = a?.ok ? 'a page' : `${a?.line}:${a?.column}`;
    if (got === expected) continue;
    wrong++;
    console.log(`${lane.join() || 'interpreter'}: ${JSON.stringify(text)}\n- ${expected}\n+ ${got}`);
  }
}
fs.rmSync(work, { recursive: true });
console.log(`${rows.length} errors in both lanes, ${wrong} in the wrong place`);
process.exit(wrong || !rows.length ? 1 : 0);
