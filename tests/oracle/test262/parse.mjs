// parse.mjs PARSE_BATCH [WORD...] - which of test262's language tests we accept
// and refuse.  $TEST262 is a checkout of tc39/test262; without it, skipped
// (exit 77).  Words pick tests by their path.
//
// Each test becomes the body of a function in a scriptlet, sloppy and strict as
// it says.  Left out are features the language leaves out, what only a script's
// top level forbids.
import { batch } from '../syntax/batch.mjs';
import { Tally, modes, tests, topLevel, without } from './tests.mjs';

const [program, ...words] = process.argv.slice(2);
const root = process.env.TEST262;
if (!root) { console.log('TEST262 is not set'); process.exit(77); }

// Known to differ, and counted as wrong: `f() = 1` is an early error here, as
// ES2020 has it, while V8 and newer editions let sloppy code run into it.
const known = /^annexB\/language\/expressions\/assignmenttargettype\//;

const records = [];
let skipped = 0;
for (const test of tests(root, ['language', 'annexB/language'], words)) {
  const { name, text, flags, features, phase } = test;
  if (topLevel.test(name) || flags.includes('module') || flags.includes('async') || features.some((word) => without.has(word))) { skipped++; continue; }
  for (const strict of modes(test))
    records.push({ name, negative: phase === 'parse', flags: strict ? 'xs' : 'x', text: `\x01\x02 (function () {\n${text}\n}) \x02\x03` });
}

const tally = new Tally();
let leftOut = 0, unknown = 0;
batch(program, records).forEach((answer, i) => {
  const { name, negative, flags } = records[i];
  if (!answer.ok && !negative && /not supported/.test(answer.message)) { leftOut++; return; }
  tally.add(name, answer.ok !== negative);
  if (answer.ok !== negative || known.test(name)) return;
  unknown++;
  console.log(`${name} [${flags}] ${answer.ok ? 'accepted' : `${answer.line}:${answer.column} ${answer.message}`}`);
});
console.log(`${leftOut} use forms we refuse by name, ${skipped} files left out`);
tally.print();
process.exit(unknown ? 1 : 0);
