// Compares random regular expressions with this JavaScript engine's: what is
// wrong with them, and where they and their groups match.
//
//   node regexps.mjs PROGRAM [COUNT] [SEED]
import { spawnSync } from 'node:child_process';

const [program, count = '20000', seed = '1'] = process.argv.slice(2);

let state = Math.imul(Number(seed), 2654435761) >>> 0;
function below(n) {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  state >>>= 0;
  return state % n;
}
const pick = (list) => list[below(list.length)];

const atoms = ['a', 'b', 'c', 'a', 'b', '.', '\\d', '\\w', '\\s', '[ab]', '[^a]',
  '[a-c\\d]', '\\b', '\\B', '^', '$', '\\1', '\\2', '\\k<n>', 'é', 'ſ', 'K', 'ß',
  'k', 's', 'S', 'K', '\\u{1F600}', '😀', '\\ud83d', '[😀]', '\\x61', '\\cA',
  '\\0', '\\8', '[\\w-z]', '[^]', '[]', '\\W', '\\D', '\\S', '\\p{Lu}', '\\P{L}',
  '[\\p{Ll}é]', 'İ', '\\-', '{', '}', ']', 'a{,2}', '\\q', '[\\b]', '[\\c1]', '-',
  '\\u0041', '\\u{41}', 'Σ', 'ς', '\\/'];

function group(depth) {
  const kinds = ['', '', '', '?:', '?=', '?!', '?<=', '?<!',
    below(4) ? '?:' : '?<n>'];
  return `(${pick(kinds)}${pattern(depth - 1)})`;
}

function quantifier() {
  return pick(['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,3}?', '{2,}',
    '{0}', below(9) ? '' : '**', below(9) ? '' : '{3,1}']);
}

function pattern(depth) {
  let text = '';
  for (let n = 1 + below(3); n > 0; n--) {
    text += depth > 0 && below(12) < 4 ? group(depth) : pick(atoms);
    if (below(3) === 0) text += quantifier();
  }
  if (below(4) === 0) text += `|${below(4) ? pattern(Math.max(depth - 1, 0)) : ''}`;
  return text;
}

const plain = ['a', 'b', 'c', 'a', 'b', 'A', 'B', '1', ' ', '\n', '_', '-', 's', 'k'];
const any = [...plain, 'é', 'É', 'ſ', 'K', '😀', '\ud83d', '\ude00', 'ß', '\u2028',
  '\r', '}', '{', 'İ', 'i', 'Σ', 'ς', 'σ', '\x01', '\0'];
function subject() {
  const signs = below(2) ? plain : any;
  return Array.from({ length: below(12) }, () => pick(signs)).join('');
}

// Bytes in which half a pair stands alone.
function wtf8(text) {
  const bytes = [];
  for (const sign of text) {
    const c = sign.codePointAt(0);
    if (c < 0x80) bytes.push(c);
    else if (c < 0x800) bytes.push(0xc0 | c >> 6, 0x80 | c & 63);
    else if (c < 0x10000) bytes.push(0xe0 | c >> 12, 0x80 | c >> 6 & 63, 0x80 | c & 63);
    else bytes.push(0xf0 | c >> 18, 0x80 | c >> 12 & 63, 0x80 | c >> 6 & 63, 0x80 | c & 63);
  }
  return Buffer.from(bytes).toString('hex');
}

function expect(source, flags, text) {
  try {
    const found = new RegExp(source, `${flags}d`).exec(text);
    if (!found) return 'null';
    return [...found.indices].map((at) => (at ? at.join(',') : '-1,-1')).join(',');
  } catch (e) {
    return `E ${e.message.slice(e.message.lastIndexOf(': ') + 2)}`;
  }
}

// With u, V8 finds what takes no characters between the halves of a pair too,
// where the specification has no position.
function isOdd(expected, flags, text) {
  return flags.includes('u') && /[\ud800-\udbff][\udc00-\udfff]/
    .test(text.slice(parseInt(expected, 10) - 1, parseInt(expected, 10) + 1));
}

const cases = [];
while (cases.length < Number(count)) {
  const source = pattern(3), text = subject();
  const flags = pick(['', '', 'i', 'u', 'iu', 'm', 's', 'y', 'im', 'su']);
  const expected = expect(source, flags, text);
  if (!isOdd(expected, flags, text)) cases.push([source, flags, text, expected]);
}
const { stdout, status } = spawnSync(program, [], {
  input: cases.map(([source, flags, text]) =>
    `f${flags}\tp${wtf8(source)}\ts${wtf8(text)}\n`).join(''),
  encoding: 'utf8', maxBuffer: 1 << 28 });
if (status !== 0) throw new Error(`${program} ended with ${status}`);
const answers = stdout.split('\n');
let wrong = 0;
cases.forEach((c, i) => {
  const expected = c[3];
  if (answers[i] === expected) return;
  if (++wrong <= 10) console.log(JSON.stringify(c), 'got', answers[i]);
});
console.log(`${cases.length} expressions, ${wrong} differences`);
process.exit(wrong ? 1 : 0);
