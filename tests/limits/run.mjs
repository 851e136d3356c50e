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
const reach = path.join(views, 'reach.ejs'), lane = native ? [native] : [];
fs.writeFileSync(reach, '<%- include("../secret") %>');
const command = (cwd, args, input = '') => spawnSync(path.resolve(mvcgen), ['render', ...lane, ...args], { cwd, input, encoding: 'utf8' });
function judge(what, want, page, message) {
  if (want ? page === want : message?.includes('leads out of')) return;
  wrong++;
  console.log(`${what}: ${page ?? ''}${message ?? ''}`);
}
for (const options of [{ root: views, views: [views] }, {}]) {
  for (const [cwd, folders, want] of reaches) {
    const { stdout, stderr } = command(cwd, [...folders, '--batch', '-'], JSON.stringify({ id: '0', file: reach, data: '{}', options }));
    const { out, message } = JSON.parse(stdout || '{}');
    judge(`a batch in ${cwd} with ${folders.join(' ') || 'no folder'}, ${JSON.stringify(options)}`, want, out, message ?? stderr);
  }
}
// A link in the working directory leads no further than it.
fs.writeFileSync(path.join(views, 'linked.ejs'), '<%- include("sub/out") %>');
fs.symlinkSync(path.join(work, 'secret.ejs'), path.join(views, 'sub', 'out.ejs'));
for (const [cwd, want] of [[views, false], [work, 'secret']]) {
  const { out, message } = JSON.parse(command(cwd, ['--batch', '-'], JSON.stringify({ id: '0', file: path.join(views, 'linked.ejs'), data: '{}' })).stdout || '{}');
  judge(`a link out of ${cwd}`, want, out, message);
}
// One page: anywhere where no folder is named, else there and no further.
const singles = [[[], 'secret'], [['--allow', work], 'secret'], [['--allow', path.join(views, 'sub')], false], [['--root', views], false], [['--root', views, '--allow', work], 'secret']];
for (const [folders, want] of singles) {
  const { stdout, stderr } = command(work, [...folders, reach]);
  judge(`a page with ${folders.join(' ') || 'no folder'}`, want, stdout || undefined, stderr);
}
const n_reaches = 2 * reaches.length + 2 + singles.length;
if (run.status !== 0) console.log(`the program ended with ${run.status ?? run.signal}: ${run.stderr.slice(0, 2000)}`);
console.log(`${cases.length + n_reaches} templates, ${wrong} wrong${native && ' (native)'}`);
process.exit(wrong || run.status !== 0 ? 1 : 0);
