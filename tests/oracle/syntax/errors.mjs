// errors.mjs PARSE_BATCH - syntax errors against EJS 7 on Node: the same
// snippets are accepted, and the same words refuse the others.  `snippets.txt`
// has one a line (\n for a line end); each is a scriptlet, and, when it begins
// with `<%`, a whole template.  `ours` marks what we refuse on purpose, or
// refuse in other words, with the message we give.
import fs from 'node:fs';
import ejs from 'ejs';
import { batch } from './batch.mjs';

const file = new URL('./snippets.txt', import.meta.url);
const cases = fs.readFileSync(file, 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => {
    const [code, ours] = line.split('   ours: ');
    const text = code.replace(/\\n/g, '\n');
    return { code, ours, text: text.startsWith('<%') ? text : `<% ${text} %>` };
  });

function real(text, flags) {
  try {
    ejs.compile(text, { strict: flags.includes('s'), compileDebug: !flags.includes('n') });
    return 'ok';
  } catch (error) {
    return error.message.split('\n')[0].replace(/ while compiling ejs$/, '');
  }
}

let failures = 0, count = 0;
for (const flags of ['-', 'n', 's']) {
  const answers = batch(process.argv[2], cases.map(({ text }) => ({ flags, text })));
  cases.forEach(({ code, ours, text }, i) => {
    const got = answers[i].ok ? 'ok' : answers[i].message;
    const expected = real(text, flags);
    count++;
    if (got === expected || got === ours) return;
    failures++;
    console.log(`${flags} ${code}\n   expected: ${expected}\n   got:      ${got}`);
  });
}
console.log(`${count} comparisons, ${failures} differ`);
process.exit(failures ? 1 : 0);
