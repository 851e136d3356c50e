// texts.mjs PARSE_BATCH [FOLDER] - the JavaScript we generate against EJS's,
// byte for byte: for templates made of odd pieces with all options, and for
// the .ejs files in FOLDER (or $MVCGEN_TEMPLATES).  Where EJS refuses one, we
// must too, in the same words, unless it is a form we leave out.
import fs from 'node:fs';
import path from 'node:path';
import ejs from 'ejs';
import ejs2 from 'ejs2';
import { batch } from './batch.mjs';

const [program, folder = process.env.MVCGEN_TEMPLATES] = process.argv.slice(2);

const options = (flags) => ({
  strict: flags.includes('s'), compileDebug: !flags.includes('n'),
  rmWhitespace: flags.includes('r'),
  ...(flags.includes('w') && { _with: false }),
  ...(flags.includes('q') && { delimiter: '?' }),
  ...(flags.includes('d') && { destructuredLocals: ['a', 'b'] }),
});

// EJS's code for the template, without what it puts before and after.
function real(text, flags) {
  const template = new ejs.Template(text, options(flags));
  try { template.generateSource(); } catch (error) { return { error: error.message }; }
  const { source } = template;
  try {
    new ejs.Template(text, options(flags)).compile();
  } catch (error) {
    return { error: error.message.split('\n')[0].replace(/ while compiling ejs$/, ''), source };
  }
  return { source };
}

function odd(count) {
  const pieces = ['<%', '<%=', '<%-', '<%_', '<%#', '<%%', '%>', '-%>', '_%>', '%%>', '\n', '\r\n', '\r',
    ' ', '\t', '  \n  ', 'a', 'text "quoted" \\ back', ' x ', '// c', '/* c */', ';', 'é😀', '\u2028', '\u00a0',
    '\ufeff', '<', '>', '%', '-', '_', '<%= a; %>', '<% if (a) { %>', '<% } %>', '<% } else { %>', '<%- b -%>',
    '<%_ c _%>', '<%# no %>', '<% // x %>', '<%= a // x\n%>', '<? x ?>', '<?= x -?>', '\u3000 \n', '\v', '\f', '"', "'", '`', '{', '}'];
  let seed = 42; // xorshift
  const random = (n) => { seed ^= seed << 13; seed ^= seed >>> 17; seed ^= seed << 5; return (seed >>> 0) % n; };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join(''));
}

function files(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) return files(full);
    return entry.isFile() && entry.name.endsWith('.ejs') ? [full] : [];
  });
}

// Forms we leave out; and `} ... {`, which leaves EJS's own block and returns.
const leftOut = /is not supported|are not supported|^Missing catch or finally after try$|^Unexpected token '}'$/;
const counts = { compared: 0, refused: 0, failed: 0 };

function report(name, what, expected, got) {
  counts.failed++;
  if (counts.failed <= 20) console.log(`${name}: ${what}\n   expected: ${JSON.stringify(expected)}\n   got:      ${JSON.stringify(got)}`);
}

function compare(name, text, flags, answer) {
  const expected = real(text, flags);
  counts.compared++;
  if (expected.error) counts.refused++;
  if (answer.ok && expected.error) report(name, 'accepted', expected.error, 'ok');
  else if (answer.ok && answer.text !== expected.source) report(name, 'text', expected.source, answer.text);
  else if (!answer.ok && answer.message !== expected.error && !leftOut.test(answer.message)) report(name, 'error', expected.error || 'ok', answer.message);
}

const records = [];
const texts = odd(4000);
const flagSets = ['-', 'n', 's', 'w', 'r', 'q', 'd', 'rn', 'sd'];
texts.forEach((text, i) => records.push({ name: JSON.stringify(text), text, flags: flagSets[i % flagSets.length] }));
if (folder)
  for (const file of files(folder)) {
    const text = fs.readFileSync(file, 'utf8');
    for (const flags of ['-', 'rn']) records.push({ name: path.relative(folder, file), text, flags });
  }
const answers = batch(program, records);
records.forEach(({ name, text, flags }, i) => compare(`${name} [${flags}]`, text, flags, answers[i]));

// The old include directive: what EJS 2 accepts, we accept with legacyInclude.
if (folder) {
  const old = records.filter(({ text, flags }) => flags === '-' && /<%[-_]?\s*include\s+[^('"`=\s]/.test(text));
  const oldAnswers = batch(program, old.map(({ text }) => ({ text, flags: 'l' })));
  old.forEach(({ name, text }, i) => {
    let message = 'ok';
    try { ejs2.compile(text.replace(/(<%[-_]?)\s*include\s+([^\s(]\S*)[^]*?%>/g, '$1 x() %>')); } catch (error) { message = error.message.split('\n')[0]; }
    if ((message === 'ok') !== oldAnswers[i].ok) report(name, 'legacy', message, oldAnswers[i].message);
  });
  console.log(`${old.length} templates with the old directive`);
}
console.log(`${counts.compared} compared, of which EJS refuses ${counts.refused}; ${counts.failed} differ`);
process.exit(counts.failed ? 1 : 0);
