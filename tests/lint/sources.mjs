// Checks that every C file is part of the build: a file that no list names is
// neither compiled nor tested.
//
//   node sources.mjs ROOT
import fs from 'node:fs';
import path from 'node:path';

const root = process.argv[2];
let wrong = 0, count = 0;
for (const top of ['engine', 'scaffold']) {
  const lists = fs.readFileSync(path.join(root, top, 'CMakeLists.txt'), 'utf8').split(/[\s()]+/);
  for (const file of fs.readdirSync(path.join(root, top), { recursive: true }).sort()) {
    if (!file.endsWith('.c')) continue;
    count++;
    if (lists.includes(file)) continue;
    console.log(`${top}/${file}: not in ${top}/CMakeLists.txt`);
    wrong++;
  }
}
console.log(`${count} files, ${wrong} not built`);
process.exit(wrong ? 1 : 0);
