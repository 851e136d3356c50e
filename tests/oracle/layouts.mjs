// Pages within layouts, as ejs-mate and express-ejs-layouts render them and as
// mvcgen does, byte for byte.
//
//   node layouts.mjs MVCGEN [--native] [WORD...]
//
// layouts/cases.json: [{name, package, page, data, options, files}]; `files`
// are views by name, `options` are mvcgen's, under the names that the packages
// and EJS give them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const native = process.argv.includes('--native');
const [program, ...words] = process.argv.slice(2).filter((word) => word !== '--native');
const cases = JSON.parse(fs.readFileSync(new URL('layouts/cases.json', import.meta.url), 'utf8'))
  .filter(({ name }) => !words.length || words.some((word) => name.includes(word)));
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'layouts-'));

function write(c, i) {
  const views = path.join(work, String(i));
  for (const [name, text] of Object.entries(c.files)) {
    const file = path.join(views, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return views;
}

// An Express application whose pages go through the package; what it answers.
function render(c, views) {
  const express = require('express'), app = express();
  app.set('views', views);
  app.set('view engine', 'ejs');
  if (c.package === 'ejs-mate') {
    app.engine('ejs', require('ejs-mate'));
    return new Promise((done) => app.render(c.page, structuredClone(c.data ?? {}), (error, text) => done(error ? `!${error.message.split('\n').pop()}` : text)));
  }
  for (const [option, value] of Object.entries(c.options ?? {})) app.set(option === 'layout' ? option : `layout ${option}`, value);
  const res = {
    locals: {},
    render(view, locals, done) { app.render(view, { ...res.locals, ...locals }, done); },
  };
  return new Promise((done) => {
    require('express-ejs-layouts')({ app }, res, () => {
      res.render(c.page, structuredClone(c.data ?? {}), (error, text) => done(error ? `!${error.message.split('\n').pop()}` : text));
    });
  });
}

const folders = cases.map(write);
const lines = cases.map((c, i) => {
  // express-ejs-layouts puts pages into "layout" unless told otherwise.
  const layout = c.package === 'ejs-mate' ? {} : { layout: 'layout' };
  return JSON.stringify({ id: i, file: path.join(folders[i], `${c.page}.ejs`), data: c.data ?? {}, options: { layouts: true, ...layout, ...c.options, views: [folders[i]] } });
});
const run = spawnSync(program, ['render', ...(native ? ['--native'] : []), '--batch', '-'], { input: lines.join('\n'), encoding: 'utf8' });
const answers = new Map(run.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).map((a) => [a.id, a.ok ? a.out : `!${a.message.split('\n').pop()}`]));

let wrong = 0;
for (const [i, c] of cases.entries()) {
  const expected = await render(c, folders[i]), got = answers.get(i);
  if (got === expected) continue;
  wrong++;
  console.log(`${c.name} (${c.package})\n- ${JSON.stringify(expected)}\n+ ${JSON.stringify(got)}`);
}
fs.rmSync(work, { recursive: true });
console.log(`${cases.length} pages in layouts, ${wrong} differ`);
process.exit(wrong || !cases.length ? 1 : 0);
