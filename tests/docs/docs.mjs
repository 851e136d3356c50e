// Runs the examples of a document.
//
//   node docs.mjs language GUIDE MVCGEN
//   node docs.mjs extract GUIDE FOLDER
//   node docs.mjs run GUIDE PROGRAM
//
// language: ```ejs blocks up to a ```html or ```error block are one example; a
// ```json block is its data.  After "ejs" may stand a file's name (the others
// include it), `ours` (EJS 7 does otherwise, or has no such thing) and options
// as JSON.  ```html is the page, ```error the sentence of the error; EJS 7 has
// to agree where it is there.
// extract: each ```c block is a program, written to FOLDER/N.c; says which.
// run: a ```text block after it is what PROGRAM-N prints.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [kind, guide, ...rest] = process.argv.slice(2);
let failures = 0, count = 0;

function* blocks() {
  let block = null;
  for (const [i, line] of fs.readFileSync(guide, 'utf8').split('\n').entries()) {
    const fence = /^```(\w*)\s*(.*)$/.exec(line);
    if (!fence) block?.lines.push(line);
    else if (block) {
      yield { ...block, text: block.lines.join('\n') };
      block = null;
    } else block = { type: fence[1], info: fence[2], line: i + 1, lines: [] };
  }
}

function check(line, what, expected, got) {
  if (expected.trimEnd() === got.trimEnd()) return;
  failures++;
  console.log(`${guide}:${line}: ${what}\n- ${expected.replaceAll('\n', '\n- ')}\n+ ${got.replaceAll('\n', '\n+ ')}`);
}

async function ejs7() {
  const require = createRequire(new URL('../oracle/', import.meta.url));
  try {
    return require('ejs');
  } catch {
    console.log('EJS 7 is not installed: only our pages are checked');
    return null;
  }
}

async function language([mvcgen]) {
  const theirs = await ejs7();
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'docs-'));
  let example = null;
  for (const b of blocks()) {
    if (b.type === 'ejs') {
      example ??= { ours: false, options: {}, data: '{}' };
      const [, name, ours, options] = /^(\S+\.ejs)?\s*(ours)?\s*(\{.*\})?$/.exec(b.info);
      if (!name) example.line = b.line;
      example.ours ||= Boolean(ours);
      Object.assign(example.options, options && JSON.parse(options));
      const file = path.join(home, name ?? 'page.ejs');
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, b.text);
    } else if (b.type === 'json' && example) {
      example.data = b.text;
    } else if ((b.type === 'html' || b.type === 'error') && example) {
      count++;
      const file = path.join(home, 'page.ejs'), options = { views: [home], root: home, ...example.options };
      const input = JSON.stringify({ id: 1, file, data: example.data, options }) + '\n';
      const run = spawnSync(mvcgen, ['render', '--batch', '-'], { input, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
      const answer = run.stdout ? JSON.parse(run.stdout) : { message: run.stderr };
      const last = (message) => message.replaceAll(`${home}/`, '').trim().split('\n').at(-1);
      const got = b.type === 'html' ? answer.out ?? answer.message : answer.out ?? `${answer.name}: ${last(answer.message)}`;
      check(example.line, 'mvcgen', b.text, got);
      if (theirs && !example.ours) {
        let page;
        try {
          page = theirs.render(fs.readFileSync(file, 'utf8'), JSON.parse(example.data), { ...options, filename: file });
        } catch (e) {
          page = `${e.name}: ${last(e.message)}`;
        }
        check(example.line, 'EJS 7', b.text, page);
      }
      example = null;
    }
  }
  fs.rmSync(home, { recursive: true });
}

// Example `n` of a guide: its source, and what it prints or null.
function programs() {
  const all = [...blocks()];
  return all.flatMap((b, i) => {
    const text = all[i + 1]?.type === 'text' ? all[i + 1].text : null;
    return b.type === 'c' ? [{ line: b.line, source: b.text, text }] : [];
  });
}

function extract([folder]) {
  fs.mkdirSync(folder, { recursive: true });
  programs().forEach(({ line, source }, n) => {
    const file = path.join(folder, `${n + 1}.c`), text = `#line ${line + 1} "${guide}"\n${source}\n`;
    if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) fs.writeFileSync(file, text);
  });
  console.log([...programs().keys()].map((n) => n + 1).join(';'));
}

function run([prefix]) {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'docs-'));
  programs().forEach(({ line, text }, n) => {
    count++;
    if (text === null) return;
    const done = spawnSync(`${prefix}-${n + 1}`, [], { cwd, encoding: 'utf8', timeout: 60000, env: { ...process.env, TZ: 'UTC' } });
    const end = done.status === 0 ? '' : `ended with ${done.status ?? done.signal ?? done.error}\n${done.stderr}`;
    check(line, 'prints', text, (done.stdout ?? '') + end);
  });
  fs.rmSync(cwd, { recursive: true });
}

if (kind === 'extract') {
  extract(rest);
  process.exit(0);
}
await (kind === 'language' ? language(rest) : run(rest));
console.log(`${count} examples, ${failures} wrong`);
process.exit(failures || !count ? 1 : 0);
