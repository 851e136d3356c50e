// What `mvcgen check` finds: all errors of a template, and no error that is only
// there because of another.
//
//   node check.mjs MVCGEN WORK [--print]
//
// check.json has rows of [template, ["LINE:COLUMN: severity: message", ...]].
// Then each output tag and each statement of the golden templates is broken in
// turn: that must be the one error found.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { home, cases } from '../golden/cases.mjs';

const [mvcgen, work, print] = process.argv.slice(2);
const rows = JSON.parse(fs.readFileSync(new URL('check.json', import.meta.url), 'utf8'));
let failed = 0;

// Checks all texts at once; the problems of each, as in check.json.
function check(texts, flags = []) {
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  fs.writeFileSync(path.join(work, 'part.ejs'), 'a part');
  texts.forEach((text, i) => fs.writeFileSync(path.join(work, `${i}.ejs`), text));
  const run = spawnSync(mvcgen, ['check', '--json', ...flags, work], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.stderr || run.signal) throw new Error(`check ended with ${run.signal ?? run.status}: ${run.stderr}`);
  const found = texts.map(() => []);
  for (const p of JSON.parse(run.stdout)) found[Number(path.basename(p.file, '.ejs'))].push(`${p.line}:${p.column}: ${p.severity}: ${p.message}`);
  const expected = found.flat().some((line) => line.includes(': error: ')) ? 1 : 0;
  if (run.status !== expected) throw new Error(`exit status ${run.status} instead of ${expected}`);
  return found;
}

function compare(text, expected, found) {
  if (JSON.stringify(expected) === JSON.stringify(found)) return;
  if (failed++ > 20) return;
  console.log(`--- ${JSON.stringify(text)}\n${expected.map((line) => `- ${line}\n`).join('')}${found.map((line) => `+ ${line}\n`).join('')}`);
}

const answers = check(rows.map(([text]) => text));
if (print) console.log(rows.map(([text], i) => `  [${JSON.stringify(text)}, ${JSON.stringify(answers[i])}]`).join(',\n'));
rows.forEach(([text, expected], i) => compare(text, expected, answers[i]));

// Where `at` is in a text, as LINE:COLUMN.
function place(text, at) {
  const before = text.slice(0, at), line = before.lastIndexOf('\n');
  return `${before.split('\n').length}:${[...before.slice(line + 1)].length + 1}`;
}

// A golden template broken in one place, and where that is.
function* broken(text) {
  for (const m of text.matchAll(/<%[=-](?!>)\s*/g)) {
    const end = text.indexOf('%>', m.index);
    if (/<%|include/.test(text.slice(m.index + 3, end))) continue;
    yield [text.slice(0, m.index + 3) + ' an error ' + text.slice(end), m.index + 7];
  }
  for (const m of text.matchAll(/%>/g)) yield [`${text.slice(0, m.index + 2)}<% let an error; %>${text.slice(m.index + 2)}`, m.index + 12];
}

const whole = cases([]).filter((c) => c.html !== null && !Object.keys(c.options).length).map((c) => fs.readFileSync(path.join(home, c.file), 'utf8'));
const clean = whole.filter((text, i, all) => !/<%_|_%>|<%%|%%>/.test(text) && !/include/.test(text));
const changed = clean.flatMap((text) => [...broken(text)].map(([changedText, at]) => ({ text: changedText, at, original: text })));
const problems = check(changed.map((c) => c.text));
let inside = 0;
changed.forEach(({ text, at }, i) => {
  const found = problems[i];
  // In a string, a comment or a template literal the change is no error.
  if (found.length === 0 || !found[0].startsWith(`${place(text, at)}: `)) inside++;
  else if (found.length !== 1) compare(text, [found[0]], found);
});
console.log(`${rows.length} rows, ${changed.length} broken templates (${inside} broken otherwise), ${failed} wrong`);
process.exit(failed || !changed.length || inside > changed.length / 10 ? 1 : 0);
