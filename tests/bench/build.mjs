// How long views take to become native code: a thousand of them to C, that C to
// objects, a change of one, and a template as long as a book.
//
//   node tests/bench/build.mjs [BUILD_FOLDER] [VIEWS] [COMPILED]
//
// VIEWS are translated to C, COMPILED of them built with CMake.  Times are the
// processor's but for the project, which is built as people would.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const [build = path.join(here, '../../build'), views = '1000', compiled = '60'] = process.argv.slice(2);
const mvcgen = path.resolve(build, 'scaffold/mvcgen');
const include = path.join(here, '../../engine/include');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));

// A page with what pages have: conditions, a table, a form, a sum.
const page = (i) => {
  const f = (k) => `field${(i * 7 + k) % 23}`;
  return `<!DOCTYPE html><html><head><title><%= title %> - ${i}</title></head>
<body>
<% if (user) { %>
  <p>Hello <%= user.name %>, <%= user.${f(1)} || 'none' %></p>
<% } else { %>
  <a href="/login?next=<%= encodeURIComponent(path) %>">Log in</a>
<% } %>
<table>
<% items.forEach((item, i) => { %>
  <tr class="<%= i % 2 ? 'odd' : 'even' %>"><td><%= item.id %></td><td><%= item.${f(2)} %></td><td><%= item.${f(3)}.toFixed(2) %></td>
  <td><% for (const tag of item.tags) { %><span><%= tag.toUpperCase() %></span> <% } %></td>
  <td><%= item.created ? new Date(item.created).toISOString().slice(0, 10) : '' %></td></tr>
<% }) %>
</table>
<form method="post" action="/items/<%= id %>">
${[4, 5, 6, 7, 8].map((k) => `  <label>${f(k)} <input name="${f(k)}" value="<%= form.${f(k)} %>"<%= errors.${f(k)} ? ' class="bad"' : '' %>></label>
  <% if (errors.${f(k)}) { %><em><%= errors.${f(k)}.message %></em><% } %>`).join('\n')}
</form>
<% const total${i} = items.reduce((sum, x) => sum + x.price * x.count, 0); %>
<p>Total: <%= total${i} %> for <%= items.length %> items, <%= items.filter(x => x.price > ${i}).map(x => x.name).join(', ') %></p>
</body></html>
`;
};

function write(folder, count) {
  for (let i = 0; i < count; i++) {
    fs.mkdirSync(path.join(folder, `part${i % 20}`), { recursive: true });
    fs.writeFileSync(path.join(folder, `part${i % 20}/view${i}.ejs`), page(i));
  }
}

function seconds(command, args, options) {
  const start = performance.now();
  const run = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (run.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${run.stdout}${run.stderr}`);
  return [(performance.now() - start) / 1000, run.stdout];
}
// Processor time, which other programs on the machine change little.
function cpu(command, args) {
  const run = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', command, ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${run.stderr}`);
  const [user, system] = run.stderr.trim().split('\n').pop().split(' ').map(Number);
  return user + system;
}
const least = (n, f) => Math.min(...Array.from({ length: n }, f));
const say = (what, s) => console.log(`${what.padEnd(64)}${s.padStart(14)}`);

const folder = path.join(work, 'views'), list = path.join(work, 'views.c'), split = ['--split', path.join(work, 'split')];
write(folder, Number(views));
say(`${views} views to one C file`, `${least(3, () => cpu(mvcgen, ['compile', folder, '-o', list])).toFixed(2)} s`);
say(`${views} views to a C file each`, `${cpu(mvcgen, ['compile', folder, '-o', list, ...split]).toFixed(2)} s`);
say(`again, none changed`, `${least(3, () => cpu(mvcgen, ['compile', folder, '-o', list, ...split])).toFixed(2)} s`);

// Longer and longer templates: the time for 100 kB should stay the same.
for (const kilobytes of [30, 120, 480]) {
  let text = '';
  for (let i = 0; text.length < kilobytes * 1000; i++) text += page(i);
  const file = path.join(work, `long${kilobytes}.ejs`), c = `${file}.c`;
  fs.writeFileSync(file, text);
  const toC = cpu(mvcgen, ['compile', file, '-o', c]);
  const toObject = cpu('cc', ['-O2', '-w', `-I${include}`, '-c', c, '-o', `${file}.o`]);
  say(`a template of ${kilobytes} kB to C; that C (${(fs.statSync(c).size / 1e6).toFixed(1)} MB), cc -O2`, `${toC.toFixed(2)} s, ${toObject.toFixed(1)} s`);
  say(`  for each 100 kB of template`, `${(toObject * 100 / kilobytes).toFixed(2)} s`);
}

// A project: all, nothing changed, one changed, one more.
const project = path.join(work, 'project'), tree = path.join(work, 'tree');
write(path.join(project, 'views'), Number(compiled));
execFileSync('cmake', ['--install', build, '--prefix', path.join(work, 'installed')], { stdio: 'ignore' });
fs.writeFileSync(path.join(project, 'main.c'), '#include <ejs.h>\nextern const ejs_unit *const views[];\nint main(void)\n{\n    return !views[0];\n}\n');
fs.writeFileSync(path.join(project, 'CMakeLists.txt'), 'cmake_minimum_required(VERSION 3.22)\nproject(p C)\nfind_package(mvcgen REQUIRED)\nadd_executable(p main.c)\nmvcgen_add_views(p views)\n');
execFileSync('cmake', ['-S', project, '-B', tree, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', `-DCMAKE_PREFIX_PATH=${path.join(work, 'installed')}`], { stdio: 'ignore' });
function step(what) {
  const [s, out] = seconds('cmake', ['--build', tree]);
  say(`${what}: ${(out.match(/Building C object/g) ?? []).length} C files compiled`, `${s.toFixed(1)} s`);
}
step(`a project of ${compiled} views`);
step('again, none changed');
fs.appendFileSync(path.join(project, 'views/part1/view1.ejs'), '<p>more</p>\n');
step('again, one changed');
fs.writeFileSync(path.join(project, 'views/part0/another.ejs'), '<p><%= more %></p>\n');
step('again, one more');
fs.rmSync(path.join(project, 'views/part0/another.ejs'));
step('again, one less');
fs.rmSync(work, { recursive: true });
