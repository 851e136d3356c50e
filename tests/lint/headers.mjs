// Checks that each public header compiles alone, as C99 and as C++17, without
// a warning.
//
//   node headers.mjs INCLUDE_DIR CC CXX
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

const [include, cc, cxx] = process.argv.slice(2);
const flags = ['-fsyntax-only', '-pedantic', '-Wall', '-Wextra', '-Wshadow', '-Werror', `-I${include}`];
const cFlags = ['-x', 'c', '-std=c99', '-Wstrict-prototypes', ...flags];
// {0} is how C says "all of it".
const cxxFlags = ['-x', 'c++', '-std=c++17', ...flags, '-Wno-missing-field-initializers'];

let wrong = 0;
const headers = fs.readdirSync(include, { recursive: true }).filter((name) => name.endsWith('.h')).sort();
for (const header of headers) {
  for (const [compiler, options] of [[cc, cFlags], [cxx, cxxFlags]]) {
    // Twice: the guard has to work.
    const input = `#include <${header}>\n#include <${header}>\n`;
    const run = spawnSync(compiler, [...options, '-'], { input, encoding: 'utf8' });
    if (run.status === 0) continue;
    console.log(`${header} with ${compiler} ${options[2] ?? ''} ${options[1]}:\n${run.stderr ?? run.error}`);
    wrong++;
  }
}
console.log(`${headers.length} headers, ${wrong} compilations failed`);
process.exit(wrong ? 1 : 0);
