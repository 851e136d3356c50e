// Compares exp, log, pow and cbrt with this JavaScript engine's, bit for bit.
//
//   node math.mjs PROGRAM [COUNT]
import { spawnSync } from 'node:child_process';

const [program, count = '20000'] = process.argv.slice(2);
const functions = { p: Math.pow, e: Math.exp, l: Math.log, c: Math.cbrt };

const view = new DataView(new ArrayBuffer(8));
function bits(x) {
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

const special = [0, -0, 1, -1, 2, -2, 0.5, -0.5, Infinity, -Infinity, NaN, 3, 27,
  1e300, 1e-300, 5e-324, -3, 1.5, 1e10, -1e-10, 2 ** 31, 2 ** 53, 0.999999999,
  1.0000000001, 709, -745, 1024, -1074, 0.1, 10];
const pairs = special.flatMap((x) => special.map((y) => [x, y]));
const random = Math.random;
for (let i = 0; i < Number(count); i++) {
  pairs.push([random() * 100, random() * 20 - 10],
    [1 + random() / 10, Math.floor(random() * 40)],
    [random() * 1400 - 700, Math.floor(random() * 20)],
    [10, Math.floor(random() * 600) - 300], [2, random() * 2000 - 1000],
    [random(), random()], [1 + random() * 1e-6, random() * 1e9]);
}
let wrong = 0;
for (const [name, f] of Object.entries(functions)) {
  const { stdout, status } = spawnSync(program, [], {
    input: pairs.map(([x, y]) => `${name} ${bits(x)} ${bits(y)}\n`).join(''),
    encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  const answers = stdout.split('\n');
  pairs.forEach(([x, y], i) => {
    const result = f(x, y);
    const expected = Number.isNaN(result) ? '0'.repeat(16) : bits(result);
    if (answers[i] === expected) return;
    if (++wrong <= 10) console.log(`${f.name}(${x}, ${y}) is ${result}`);
  });
}
console.log(`${pairs.length} arguments, ${wrong} differences`);
process.exit(wrong ? 1 : 0);
