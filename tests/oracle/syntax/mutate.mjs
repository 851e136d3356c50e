// mutate.mjs PARSE_BATCH [COUNT [SEED]] - random changes of the snippets, token
// by token, against EJS 7 on Node: the same ones are accepted, and nearly all
// of the others refused in the same words (V8 has many; the share is printed).
import fs from 'node:fs';
import ejs from 'ejs';
import { batch } from './batch.mjs';

const [program, count = '20000', seed = '1'] = process.argv.slice(2);
let state = Number(seed) * 2654435761 | 1;
const below = (n) => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return (state >>> 0) % n; };
const pick = (list) => list[below(list.length)];

const snippets = fs.readFileSync(new URL('./snippets.txt', import.meta.url), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split('   ours: ')[0].replace(/\\n/g, '\n'))
  .map((code) => (code.startsWith('<%') ? code : `<% ${code} %>`));
const split = (text) => text.match(/<%[=_-]?|[-_]?%>|\s+|[\w$]+|=>|\.\.\.|\?\.|\?\?=?|[=!]==?|\+\+|--|&&=?|\|\|=?|\*\*=?|[^]/g);
const pool = ['(', ')', '{', '}', '[', ']', ';', ',', '.', ':', '?', '=', '=>', '...', '?.', '??', '||', '&&', '+', '-', '*', '/', '**', '!', '++', '--', '`', '"s"', "'", '1', '0x1', '1.5', 'a', 'b', 'x', '#a', 'let', 'const', 'var', 'if', 'else', 'for', 'of', 'in', 'while', 'do', 'switch', 'case', 'default', 'break', 'continue', 'return', 'throw', 'try', 'catch', 'finally', 'function', 'class', 'extends', 'static', 'get', 'set', 'new', 'delete', 'typeof', 'void', 'this', 'super', 'null', 'true', 'yield', 'arguments', 'eval', '*', '\n', ' ', '/a/g', '%>', '<%', '<%=', '%>t<%', '\\u0061', '"use strict"', '=='];

function mutate(text) {
  const tokens = split(text);
  for (let i = 1 + below(3); i > 0; i--) {
    const at = below(tokens.length + 1);
    switch (below(5)) {
      case 0: tokens.splice(at, 1 + below(3)); break;
      case 1: tokens.splice(at, 0, ' ', pick(pool), ' '); break;
      case 2: tokens.splice(at, 1, pick(pool)); break;
      case 3: { const other = split(pick(snippets)), from = below(other.length); tokens.splice(at, 0, ...other.slice(from, from + 1 + below(6))); break; }
      default: { const from = below(tokens.length + 1); tokens.splice(at, 0, ...tokens.slice(from, from + 1 + below(4))); }
    }
  }
  return tokens.join('');
}

function real(text, flags) {
  try {
    ejs.compile(text, { strict: flags.includes('s'), compileDebug: !flags.includes('n') });
    return 'ok';
  } catch (error) {
    return error.message.split('\n')[0].replace(/ while compiling ejs$/, '');
  }
}

// What we refuse on purpose, see snippets.txt and texts.mjs; `with` and async
// code V8 reads further and may find another mistake in.
const leftOut = /not supported|^Missing catch or finally after try$|nested too deeply/;
const records = Array.from({ length: Number(count) }, (_, i) => ({ text: mutate(pick(snippets)), flags: '-nss'[i & 3] }));
let wrong = 0, refused = 0, words = 0;
batch(program, records).forEach((answer, i) => {
  const { text, flags } = records[i], expected = real(text, flags), got = answer.ok ? 'ok' : answer.message;
  if (expected !== 'ok') refused++;
  if (got === expected) return;
  if ((expected === 'ok') === (got === 'ok')) { words++; if (process.env.WORDS) console.log(`${flags} ${JSON.stringify(text)}\n   ${expected}\n   ${got}`); return; }
  // `if (a)` at the end of strict code, where EJS's `return __output` follows
  if (got === 'Unexpected end of input' && flags === 's') return;
  if (leftOut.test(got) || (got === "Unexpected token '}'" && flags === 'n')) return;
  wrong++;
  if (wrong <= 40) console.log(`${flags} ${JSON.stringify(text)}\n   expected: ${expected}\n   got:      ${got}`);
});
console.log(`${count} templates, seed ${seed}: EJS refuses ${refused}, ${words} of them in other words; ${wrong} accepted or refused wrongly`);
process.exit(wrong ? 1 : 0);
