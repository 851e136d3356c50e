// Renders the templates of cases.mjs: each must end with the error or the page
// that is kept there, in little memory, and the program must live on.
//
//   node run.mjs MVCGEN [--native] [--any-memory]
//
// --any-memory   without bounding the program's address space, which
//                sanitizers need
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as groups from './cases.mjs';

const [mvcgen, ...flags] = process.argv.slice(2);
const native = flags.includes('--native') ? '--native' : '';
const bound = flags.includes('--any-memory') ? '' : `ulimit -v ${native ? 4000000 : 1000000};`;
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'limits-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));
const views = path.join(work, 'views');
fs.mkdirSync(path.join(views, 'sub'), { recursive: true });
fs.writeFileSync(path.join(work, 'secret.ejs'), 'secret');
fs.writeFileSync(path.join(views, 'leaf.ejs'), 'leaf');
fs.writeFileSync(path.join(views, 'self.ejs'), '<%- include("self") %>');
fs.symlinkSync('../secret.ejs', path.join(views, 'link.ejs'));
fs.symlinkSync('..', path.join(views, 'up'));

const cases = Object.values(groups).flat();
const lines = cases.map(([template], i) => {
  const file = path.join(views, `case${i}.ejs`);
  fs.writeFileSync(file, template);
  return JSON.stringify({ id: String(i), file, data: '{}', options: { root: views, views: [views], compileDebug: false, limitMemory: 64 << 20, limitOutput: 4 << 20 } });
});
const run = spawnSync('/bin/sh', ['-c', `${bound} exec "$0" render ${native} --batch -`, mvcgen], { input: `${lines.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 30 });

const answers = new Map();
for (const line of run.stdout.split('\n').filter(Boolean)) {
  const { id, ok, out, name, message } = JSON.parse(line);
  answers.set(Number(id), ok ? { out } : { err: `${name}: ${message}` });
}
let wrong = 0;
cases.forEach(([template, want], i) => {
  const { out, err } = answers.get(i) ?? {};
  if (err !== undefined ? err.includes(want) : out === want) return;
  wrong++;
  console.log(`${template.slice(0, 120)}\n   wanted ${want}\n   gives  ${JSON.stringify(err ?? out)?.slice(0, 200)}`);
});

// What a batch may reach: the working directory, unless the command names folders.
const reaches = [
  [work, [], 'secret'], [views, [], false], [os.tmpdir(), ['--allow', work], 'secret'], [work, ['--root', views], false],
  [work, ['--views', views], false], [work, ['--allow', path.join(views, 'sub')], false], [views, ['--unconfined'], 'secret'],
];
for (const [cwd, folders, want] of reaches) {
  const line = JSON.stringify({ id: '0', file: path.join(views, 'reach.ejs'), data: '{}', options: { root: views, views: [views] } });
  fs.writeFileSync(path.join(views, 'reach.ejs'), '<%- include("../secret") %>');
  const { stdout, stderr } = spawnSync(path.resolve(mvcgen), ['render', ...native.split(' ').filter(Boolean), ...folders, '--batch', '-'], { cwd, input: line, encoding: 'utf8' });
  const { out, message } = JSON.parse(stdout || '{}');
  if (want ? out === want : message?.includes('leads out of')) continue;
  wrong++;
  console.log(`a batch in ${cwd} with ${folders.join(' ') || 'no folder'}: ${out ?? message ?? stderr}`);
}
if (run.status !== 0) console.log(`the program ended with ${run.status ?? run.signal}: ${run.stderr.slice(0, 2000)}`);
console.log(`${cases.length + reaches.length} templates, ${wrong} wrong${native && ' (native)'}`);
process.exit(wrong || run.status !== 0 ? 1 : 0);
