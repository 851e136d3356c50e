// Prints engine/base/pow10.inc: the powers of ten from 1e-342 to 1e324, each as
// the 128-bit integer g with 10^k <= g * 2^r, rounded up, top bit set.
//
//   node tests/oracle/pow10.mjs > engine/base/pow10.inc
//   node tests/oracle/pow10.mjs --compare engine/base/pow10.inc
import fs from 'node:fs';

const FIRST = -342, LAST = 324;

function scaled(k) {
  if (k >= 0) return { over: 10n ** BigInt(k), under: 1n };
  return { over: 1n, under: 10n ** BigInt(-k) };
}

function significand(k) {
  const { over, under } = scaled(k);
  let shift = 127 + under.toString(2).length - over.toString(2).length;
  for (;; shift++) {
    const [a, b] = shift >= 0 ? [over << BigInt(shift), under] : [over, under << BigInt(-shift)];
    const g = (a + b - 1n) / b;
    if (g >= 1n << 127n) return g;
  }
}

const hex = (n) => `0x${n.toString(16).padStart(16, '0')}`;
const lines = ['/* Written by tests/oracle/pow10.mjs. */'];
for (let k = FIRST; k <= LAST; k++) {
  const g = significand(k);
  lines.push(`{${hex(g >> 64n)}, ${hex(g & ((1n << 64n) - 1n))}}, /* 1e${k} */`);
}
const table = lines.join('\n') + '\n';
if (process.argv[2] === '--compare') process.exit(fs.readFileSync(process.argv[3], 'utf8') === table ? 0 : 1);
process.stdout.write(table);
