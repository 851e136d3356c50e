// JSON texts, made up and then spoilt, read by the runtime and by Node: what
// JSON.stringify gives of them, or the error, has to be the same.
//
//   node json.mjs ORACLE_JSON [COUNT] [SEED]
import { spawnSync } from 'node:child_process';

const [program, count = '6000', seed = '7'] = process.argv.slice(2);
let state = Number(seed);
const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return Math.floor((state >>> 8) / 16777216 * n); };
const pick = (list) => list[random(list.length)];
const times = (n, f) => Array.from({ length: n }, (_, i) => f(i));

// Each line a text of its own: the corners of the grammar.
const corners = [
  '', ' ', '\n', 'null', 'true', 'false', 'nul', 'nulll', 'truefalse', 'True', 'NaN', 'Infinity', '-Infinity', 'undefined', '[object Object]',
  '0', '-0', '-', '--1', '+1', '01', '-01', '00', '0.', '.5', '-.5', '1.', '1.e3', '1e', '1e+', '1e-', '1E5', '1e05', '1e0', '0e0', '0e999', '1e308', '1e309', '-1e309',
  '1e-323', '1e-324', '4.9e-324', '2.4703282292062327e-324', '2.4703282292062328e-324', '1.7976931348623157e308', '1.7976931348623159e308', '123e-10000000',
  '9007199254740991', '9007199254740992', '9007199254740993', '9007199254740995', '9223372036854775807', '18446744073709551615', '18446744073709551616', '0.1', '0.30000000000000004',
  '123456789012345678901234567890', '0.000000000000000000000000000012345', '1.0000000000000000000000000000001', '100000000000000000000000', '0x10', '1_000', '1n', '١', '1 2', '1,',
  '""', '"', '"a', '"a\\', '"\\"', '"\\u"', '"\\u12"', '"\\u123g"', '"\\u0041"', '"\\uD83D\\uDE00"', '"\\uD83D"', '"\\uDE00"', '"\\uDE00\\uD83D"', '"\\uD83Dx"', '"\\uD83D\\u0041"', '"\\x41"', '"\\\'"', '"\\0"',
  '"\\a"', '"\t"', '"\n"', '"\0"', '"\x7f"', '"\x80é€😀"', '"\u2028\u2029"', '"\\/\\b\\f\\n\\r\\t\\"\\\\"', "'a'", '“a”', '"a" "b"', '"a":1',
  '[]', '[ ]', '[', ']', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '[1,,2]', '[[]]', '[[]', '[]]', '[1}', '[null,true,false]', '["a","a","a"]', '[-]', '[1,\n2\r,\t3 ]', '[1,\v2]', '[1,\f2]', '[1,\u00a02]', '[1,\ufeff2]',
  '{}', '{ }', '{', '}', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', '{"a":1 "b":2}', '{"a":1]', '{a:1}', "{'a':1}", '{"a" 1}', '{"a"::1}', '{"a":1}}', '{1:2}', '{"a":1,"a":2}', '{"":0}', '{"":0,"":1}',
  '{"a":1,"b":2,"a":3}', '{"__proto__":1}', '{"__proto__":{"x":1},"y":2}', '{"2":1,"1":2,"a":3,"0":4}', '{"\\u0061":1,"a":2}', '{"a\\\\b":1,"a\\b":2}', '{"constructor":1,"toString":2}',
  '[{"a":1},{"a":2}]', '[{"a":1},{"b":2},{"a":3}]', '[{"a":1,"b":2},{"a":1}]', '[{"a":1},{"a":1,"b":2}]', '[{"a":1},{"a":1,"a":2}]', '[{"a":1},{"a"]', '[{"a":1},{"a":}]', '[{"a":1},{"a" :2}]', '[{"a":1},{"a":2,}]', '[{"a":1},{"a":2,"b"}]',
  '[{"a\\"":1},{"a"":2}]', '[{"a\\\\b":1},{"a\\b":2}]', '[{"a\\n":1},{"a\n":2}]', '[{"x\\\\":1},{"x\\":2}]', '[{"":1},{"":2}]', '[{"a":{"b":[{"c":1}]}},{"a":{"b":[{"c":2},{"c":3}]}}]', '[{"a":[1]},{"a":[]},{"a":{}},{"a":[{"b":1}]}]', '[{},{"a":1},{}]',
  '\ufeff{}', '{}\ufeff', '/**/1', '1//', '#', '@', '€', '😀', '[€]', '{"a":€}', '[1,2,3,4,5,6,7,8,9,10,€,11,12,13]', 'x'.repeat(21), 'x'.repeat(20), `${' '.repeat(30)}x${' '.repeat(30)}`, '['.repeat(1000), '['.repeat(1000) + ']'.repeat(1000),
  JSON.stringify(Object.fromEntries(times(9, (i) => [`k${i}`, i]))), `[${times(3, () => JSON.stringify(Object.fromEntries(times(12, (i) => [`k${i}`, i])))).join()}]`, `[{"a":1,${times(9, (i) => `"k${i}":0`).join()},"a":2}]`,
];

const strings = ['', 'a', 'name', 'Ünïcödé', '日本語テキスト', '😀', 'a "quoted" one', 'back\\slash', 'line\nbreak', '\u0000\u001f', '\ud83d', '\ude00x', 'sixteen bytes ok', 'x'.repeat(40), '</script>', '\u2028'];
const string = () => (random(3) ? pick(strings) : times(random(40), () => String.fromCharCode(random(4) ? 32 + random(95) : random(0x10000))).join(''));
const number = () => pick([() => random(10), () => random(1e6) - 5e5, () => random(1e6) / 100, () => (random(1e9) - 5e8) * 10 ** (random(60) - 30), () => random(2 ** 24) * 2 ** 32 + random(2 ** 24) * 256, () => -0])();
const value = (depth) => pick([number, string, () => pick([true, false, null]), ...(depth > 0 ? [() => times(random(5), () => value(depth - 1)), () => object(depth - 1), () => rows(depth - 1), () => rows(depth - 1)] : [])])();
const object = (depth) => Object.fromEntries(times(random(4) ? random(6) : random(24), (i) => [random(4) ? `${pick(strings)}${i}` : String(random(30)), value(depth)]));
// An array of alike objects, some of them with a key more, less or elsewhere.
const rows = (depth) => {
  const keys = times(1 + random(12), (i) => `${pick(strings)}${random(9) ? '' : i}`);
  return times(random(6), () => {
    const mine = random(5) ? keys : keys.filter(() => random(5)).concat(random(2) ? [string()] : []);
    return Object.fromEntries((random(9) ? mine : mine.reverse()).map((k) => [k, value(depth)]));
  });
};

// The same value in other words: escapes, blanks, numbers.
function reword(text) {
  return text.replace(/"(?:[^"\\]|\\.)*"|[-+.\deE]+|[{}[\],:]/g, (token) => {
    if (token[0] === '"') return random(6) ? token : token.replace(/[a-z]/g, (c) => (random(3) ? c : `\\u00${c.charCodeAt(0).toString(16)}`));
    if (/\d/.test(token)) return random(5) ? token : pick([`${token}e${random(9)}`, `${token}${random(9)}`, /[.e]/.test(token) ? token : `${token}.${random(1000)}`]);
    return random(12) ? token : pick([' ', '\n', '\t', '\r\n  ', '                    ']) + token + pick(['', ' ']);
  });
}

// One or two bytes less, more or different.
function spoil(bytes) {
  let out = Buffer.from(bytes);
  for (let k = 1 + random(2); k > 0 && out.length; k--) {
    const i = random(out.length);
    const byte = pick([...Buffer.from('"\\{}[],:0-+.eEtfn u\n\t '), random(256), 0x80 + random(128), out[random(out.length)]]);
    out = pick([
      () => out.subarray(0, i),
      () => Buffer.concat([out.subarray(0, i), out.subarray(i + 1)]),
      () => Buffer.concat([out.subarray(0, i), Buffer.from([byte]), out.subarray(i)]),
      () => Buffer.concat([out.subarray(0, i), Buffer.from([byte]), out.subarray(i + 1)]),
    ])();
  }
  return out;
}

const texts = corners.map((c) => Buffer.from(c));
while (texts.length < Number(count)) {
  const plain = JSON.stringify(value(1 + random(4)), null, pick([undefined, undefined, 2, '\t']));
  const text = Buffer.from(random(2) ? plain : reword(plain));
  const bytes = random(3) ? spoil(text) : text;
  // three bytes of a lone surrogate are one U+FFFD to us, three to Node
  if (!/\xed[\xa0-\xbf][\x80-\xbf]/.test(bytes.toString('latin1'))) texts.push(bytes);
}

const length = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };
const run = spawnSync(program, { input: Buffer.concat(texts.flatMap((t) => [length(t.length), t])), maxBuffer: 1 << 30 });
if (run.status !== 0) {
  console.log(`${program} ended with ${run.status ?? run.signal}: ${run.stderr}`);
  process.exit(1);
}

let at = 0, wrong = 0, good = 0;
const cut = (s) => (s.length > 600 ? `${s.slice(0, 600)}…` : s);
for (const bytes of texts) {
  const size = run.stdout.readUInt32LE(at);
  const ours = run.stdout.toString('utf8', at + 4, at + 4 + size);
  at += 4 + size;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let want;
  try {
    want = JSON.stringify(JSON.parse(text));
    good++;
  } catch (error) {
    want = `!${error.name}: ${error.message}`;
    if (want.includes('\0')) continue; // messages end there in C
  }
  if (Buffer.from(want).toString() === ours || (want[0] === '!' && want.length > 500 && want.startsWith(ours.slice(0, 500)))) continue;
  if (wrong++ < 5) console.log(`bytes  ${cut(bytes.toString('hex'))}\ntext   ${cut(JSON.stringify(text))}\nours   ${cut(ours)}\nNode   ${cut(want)}\n`);
}
console.log(`${texts.length} texts, ${good} of them good, ${wrong} different`);
process.exit(wrong || at !== run.stdout.length ? 1 : 0);
