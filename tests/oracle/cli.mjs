// `mvcgen render` beside EJS 7's own command: each row of the table is run with
// both, and standard output, the exit status, the file written and the sentence
// on standard error have to be the same.
//
//   node cli.mjs MVCGEN [WORD...]
//
// cli/rows.json: {"files": {name: text}, "rows": [[arguments, input?, why?]]};
// `why` says on what purpose we say something else on standard error.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [command, ...words] = process.argv.slice(2);
const program = path.resolve(command);
const here = path.dirname(fileURLToPath(import.meta.url));
const ejs = path.join(here, 'node_modules/ejs/bin/cli.js');
const { files, rows } = JSON.parse(fs.readFileSync(path.join(here, 'cli/rows.json'), 'utf8'));

function fresh() {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'cli-'));
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
    fs.writeFileSync(path.join(work, name), text);
  }
  return work;
}

// What they say, without the program's name, our line for editors and hints,
// and where to read more.
function sentence(text, work) {
  return text.split('\n')
    .filter((line) => !/^Try '|: error: /.test(line))
    .join('\n').replace(/^(ejs|mvcgen): /gm, '').replaceAll(fs.realpathSync(work), '.').replaceAll(work, '.').trim();
}

function run(command, args, input) {
  const work = fresh();
  const result = spawnSync(command, args, { cwd: work, input: input ?? '', encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
  const out = path.join(work, 'out');
  const answer = { status: result.status, stdout: result.stdout, stderr: sentence(result.stderr, work), out: fs.existsSync(out) ? fs.readFileSync(out, 'utf8') : null };
  fs.rmSync(work, { recursive: true });
  return answer;
}

let wrong = 0, count = 0;
for (const [args, input, why] of rows) {
  const name = args.join(' ');
  if (words.length && !words.some((word) => name.includes(word))) continue;
  count++;
  const theirs = run(process.execPath, [ejs, ...args], input), ours = run(program, ['render', ...args], input);
  if (why) theirs.stderr = ours.stderr = '';
  if (/(^| )(-h|--help|-V|-v|--version)( |$)/.test(name)) theirs.stdout = ours.stdout = ''; // each has its own
  const [a, b] = [JSON.stringify(theirs), JSON.stringify(ours)];
  if (a === b) continue;
  wrong++;
  console.log(`${name}\n- ${a}\n+ ${b}`);
}
console.log(`${count} command lines, ${wrong} differ`);
process.exit(wrong || !count ? 1 : 0);
