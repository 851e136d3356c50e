// Checks that each public function of the framework and of models is in a program
// of their documents, which the tests run.
//
//   node documented.mjs ENGINE
import fs from 'node:fs';
import path from 'node:path';

const engine = process.argv[2];
const read = (name) => fs.readFileSync(path.join(engine, name), 'utf8');

// Names before a parenthesis outside comments, bodies of macros and structs.
function functions(header) {
  const text = read(`include/${header}`)
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/extern "C" \{/, '')
    .replace(/#define (mvc_\w+)\([^]*?[^\\]\n/g, 'macro $1(\n')
    .replace(/^(typedef [^;{]*;|#.*)$/gm, '')
    .replace(/\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, '');
  return [...text.matchAll(/\b(mvc_[a-z0-9_]+)\(/g)].map(([, name]) => name);
}

const programs = ['framework.md', 'models.md']
  .flatMap((name) => [...read(`docs/${name}`).matchAll(/^```c(?: file)?\n([^]*?)^```/gm)].map(([, text]) => text)).join('\n');
const used = new Set(programs.match(/\bmvc_[a-z0-9_]+\b/g));
const names = new Set(['mvc.h', 'mvc/middleware.h', 'mvc/model.h'].flatMap(functions));
const missing = [...names].filter((name) => !used.has(name));
for (const name of missing) console.log(`${name}() is in no program of the documents`);
console.log(`${names.size} functions, ${missing.length} missing`);
process.exit(missing.length ? 1 : 0);
