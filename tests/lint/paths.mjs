// Checks that no file of the repository names a place on somebody's machine.
//
//   node paths.mjs ROOT
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = process.argv[2];
const PLACES = [/(?<![\w.$}\])-])\/(?:home|Users|root|work)\/[\w.]+/, /"resolved":/];

let wrong = 0;
const files = fs.existsSync(path.join(root, '.git')) ? execFileSync('git', ['-C', root, 'ls-files', '-z'], { encoding: 'utf8' }).split('\0') : [];
for (const file of files.filter(Boolean)) {
  if (file === 'tests/lint/paths.mjs' || !fs.existsSync(path.join(root, file))) continue;
  const bytes = fs.readFileSync(path.join(root, file));
  if (bytes.includes(0)) continue; // a picture or the like
  bytes.toString('utf8').split('\n').forEach((line, i) => {
    if (!PLACES.some((place) => place.test(line))) return;
    console.log(`${file}:${i + 1}: ${line.trim().slice(0, 100)}`);
    wrong++;
  });
}
console.log(`${files.length} files, ${wrong} lines with machine paths`);
process.exit(wrong ? 1 : 0);
