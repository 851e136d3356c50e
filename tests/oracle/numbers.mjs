// Compares engine/base/number.c with this JavaScript engine.
//
//   node numbers.mjs PROGRAM [VALUES]
//
// PROGRAM (numbers.c) reads lines `OP BITS ARGUMENT`, BITS being those of a
// double in hexadecimal, and answers each with a line.
import { spawnSync } from 'node:child_process';

const [program, values = '120000'] = process.argv.slice(2);

// A small generator with a fixed seed, so that a failure can be repeated.
let state = 0x2545F4914F6CDD1Dn;
function random64() {
  state ^= state << 13n & 0xFFFFFFFFFFFFFFFFn;
  state ^= state >> 7n;
  state ^= state << 17n & 0xFFFFFFFFFFFFFFFFn;
  return state;
}
const below = (n) => Number(random64() % BigInt(n));

const view = new DataView(new ArrayBuffer(8));
function bitsOf(x) {
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}
function doubleOf(bits) {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function interesting() {
  const list = [0, -0, NaN, Infinity, -Infinity, 0.5, 1.5, 2.5, 1.005, 1.255, 0.1, 5e-324, Number.MAX_VALUE, 1e21, 1e-7, 123456789012345680000];
  for (let e = -1074; e < 1024; e++) {
    const bits = bitsOf(2 ** e);
    for (let d = -2n; d <= 2n; d++) if (bits + d >= 0n) list.push(doubleOf(bits + d));
  }
  for (let e = -323; e <= 308; e++) {
    const bits = bitsOf(Number(`1e${e}`));
    for (let d = -2n; d <= 2n; d++) list.push(doubleOf(bits + d));
  }
  return list;
}

function anyDouble() {
  switch (below(8)) {
    case 0: return doubleOf(random64());
    case 1: return below(1e9) / 100;
    case 2: return below(1e15) / 10 ** below(20);
    case 3: return (below(2e6) - 1e6) / 8;
    case 4: return below(2 ** 53);
    case 5: return below(1e6) * 10 ** below(60);
    case 6: return (below(1e6) + 0.5) / 10 ** below(8);
    default: return (below(1e9) + 1) * (below(2 ** 40) / 2 ** 40);
  }
}

// Decimal texts near the points half way between two doubles, and plain ones.
function anyText() {
  const x = Math.abs(anyDouble());
  if (!isFinite(x)) return '0';
  switch (below(5)) {
    case 0: return String(x);
    case 1: return x.toExponential(below(30));
    case 2: return `${below(1e9)}${random64()}.${random64()}e${below(700) - 370}`;
    case 3: return halfway(x);
    default: return halfway(x) + ['0', '1', '000000000000000000000001', '4'.repeat(900)][below(4)];
  }
}

function halfway(x) {
  const bits = bitsOf(x);
  const fraction = bits & ((1n << 52n) - 1n), exponent = Number(bits >> 52n);
  const m = 2n * (exponent ? fraction | 1n << 52n : fraction) + 1n;
  const q = (exponent || 1) - 1076;
  if (q >= 0) return String(m << BigInt(q)) + '.';
  return `${m * 5n ** BigInt(-q)}e${q}`.replace(/^(\d)(\d*)e(.*)/, (_, a, b, e) => `${a}.${b}e${Number(e) + b.length}`).replace(/^(.*)e(.*)$/, (_, a, e) => padded(a, Number(e)));
}

// d.ddd times 10^e with the digits continuing, so that more can be appended.
function padded(digits, e) {
  const [a, b] = digits.split('.');
  return e < 0 ? `0.${'0'.repeat(-e - 1)}${a}${b}` : e >= b.length ? `${a}${b}${'0'.repeat(e - b.length)}.` : `${a}${b.slice(0, e)}.${b.slice(e)}`;
}

const hex = (x) => (Number.isNaN(x) ? '7ff8000000000000' : bitsOf(x).toString(16));
const cases = [];
const add = (op, x, argument, expected) => cases.push({ line: `${op} ${hex(x)} ${argument}`, expected });

const list = interesting();
for (const x of list) for (const d of [0, 1, 2, 20, 100]) add('f', x, d, x.toFixed(d));
for (let i = 0; i < Number(values); i++) list.push(anyDouble());
for (const x of list) {
  add('s', x, 0, String(x));
  const digits = below(4) ? below(8) : below(101);
  add('f', x, digits, x.toFixed(digits));
  const precision = below(4) ? 1 + below(20) : 1 + below(100);
  add('p', x, precision, x.toPrecision(precision));
  add('e', x, digits, x.toExponential(digits));
  add('i', x, 0, String(x | 0));
  if (below(4) === 0) {
    add('e', x, -1, x.toExponential());
    const radix = 2 + below(35);
    add('r', x, radix, x.toString(radix));
  }
}
for (let i = 0; i < Number(values) / 4; i++) {
  const text = anyText();
  add('n', 0, text, hex(Number(text)));
  const radix = 2 + below(35);
  const digits = Array.from({ length: 1 + below(below(8) ? 12 : 300) }, () => below(radix).toString(radix)).join('');
  add('d', radix, digits, hex(parseInt(digits, radix)));
}

const run = spawnSync(program, { input: cases.map((c) => c.line).join('\n') + '\n', maxBuffer: 1 << 30, encoding: 'utf8' });
const answers = run.stdout.split('\n');
let wrong = 0;
cases.forEach((c, i) => {
  if (answers[i] === c.expected) return;
  if (wrong++ < 20) console.log(`${c.line.slice(0, 120)}\n  expected ${c.expected}\n  got      ${answers[i]}`);
});
console.log(`${cases.length} comparisons on ${list.length} values, ${wrong} differ`);
if (run.status !== 0) console.log(`the program ended with ${run.status ?? run.signal}`);
process.exit(wrong || run.status !== 0 ? 1 : 0);
