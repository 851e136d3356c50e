// Compares the runtime's sort with this JavaScript engine's: the result and every
// question asked on the way, with comparators good and bad.
//
//   node sort.mjs PROGRAM [COUNT]
import { spawnSync } from 'node:child_process';

const [program, count = '2000'] = process.argv.slice(2);

let state = 12345;
function below(n) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % n;
}

// ORDER comparators: sort.c has the same.
const comparators = [
  (x, y) => x - y,
  (x, y) => x > y,
  (x, y) => y - x,
  (x, y) => (x < y ? -1 : 0),
  (x, y) => Math.trunc(x / 10) - Math.trunc(y / 10),
  (x, y) => (x * 7 + y * 13) % 3 - 1,
  () => 0,
];

function numbers() {
  const range = [5, 100, 10000][below(3)];
  const list = Array.from({ length: below(below(5) ? 70 : 1500) }, () => below(range));
  switch (below(5)) {
    case 0: return list.sort((a, b) => a - b);
    case 1: return list.sort((a, b) => b - a);
    case 2:
      list.sort((a, b) => a - b);
      for (let i = 0; i < 5 && list.length; i++) list[below(list.length)] = below(range);
      return list;
    default: return list;
  }
}

const lines = [];
const expected = [];
for (let i = 0; i < Number(count); i++) {
  const list = numbers();
  const kind = below(comparators.length);
  lines.push(`${kind} ${list.length} ${list.join(' ')}`);
  let hash = 0;
  let calls = 0;
  list.sort((x, y) => {
    hash = (Math.imul(Math.imul(hash, 31) + x | 0, 31) + y) >>> 0;
    calls++;
    return comparators[kind](x, y);
  });
  const result = list.reduce((sum, x) => (Math.imul(sum, 31) + x) >>> 0, 0);
  expected.push(`${hash} ${calls} ${result}`);
}
const { stdout, status } = spawnSync(program, [], { input: `${lines.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
if (status !== 0) throw new Error(`${program} ended with ${status}`);
const answers = stdout.split('\n');
const wrong = lines.filter((_, i) => answers[i] !== expected[i]);
wrong.slice(0, 5).forEach((line) => console.log(line.slice(0, 200)));
console.log(`${lines.length} sorts, ${wrong.length} differences`);
process.exit(wrong.length ? 1 : 0);
