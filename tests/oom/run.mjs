// Renders golden cases once for each allocation that can fail: the program must
// then say what is wrong, or have managed without.  It must never crash, hang,
// or give a page that differs.
//
//   node run.mjs MVCGEN FAILING.so [--each N] [WORD...]
//
// --each N   at most N allocations of a case, spread over all (fixed by its
//            name); all without
// WORD       only cases whose name contains it
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { cases, home } from '../golden/cases.mjs';

const args = process.argv.slice(2), at = args.indexOf('--each');
const each = at < 0 ? Infinity : Number(args.splice(at, 2)[1]);
const [mvcgen, preload, ...words] = args;

// By flags: json-c, which reads manifests and options, does not survive this.
function flags({ file, now }) {
  const folder = path.dirname(file);
  return ['--root', folder, '--views', folder, ...(now !== undefined ? ['--now', String(now)] : []), file];
}

function render(c, environment) {
  const run = spawnSync(path.resolve(mvcgen), ['render', ...flags(c), '-i', encodeURIComponent(c.data)], { cwd: home, env: { ...process.env, LD_PRELOAD: path.resolve(preload), TZ: 'UTC', ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], timeout: 20000, encoding: 'utf8' });
  return { status: run.status, signal: run.signal, out: run.stdout ?? '', err: run.stderr, made: Number(run.output?.[3]) };
}

// What is wrong with a run whose allocation failed; null when nothing is.
function fault(c, run) {
  if (run.signal) return `died of ${run.signal}`;
  if (run.status === 0) return run.out === c.html ? null : 'claims success, but the page differs';
  if (run.status !== 1) return `exit status ${run.status}`;
  return run.err.trim() ? null : 'failed without a message';
}

// Which allocations fail, from 1.
function picked(c, made) {
  if (made <= each) return Array.from({ length: made }, (_, i) => i + 1);
  const start = createHash('sha1').update(c.id).digest().readUInt32BE(0);
  return Array.from({ length: each }, (_, i) => Math.floor((i * made) / each) + 1 + (start % Math.floor(made / each)));
}

let wrong = 0, runs = 0, rendered = 0;
for (const c of cases(words).filter((one) => one.html !== null && !Object.keys(one.options).length)) {
  const whole = render(c, {});
  if (fault(c, whole) || !(whole.made > 0)) {
    console.log(`${c.id}: does not render even with memory, or nothing was counted: ${whole.err}`);
    wrong++;
    continue;
  }
  rendered++;
  for (const FAIL_AT of picked(c, whole.made)) {
    for (const FAIL_ON of ['0', '1']) {
      const problem = fault(c, render(c, { FAIL_AT, FAIL_ON }));
      runs++;
      if (!problem) continue;
      if (wrong++ < 20) console.log(`${c.id}: FAIL_AT=${FAIL_AT} FAIL_ON=${FAIL_ON}: ${problem}`);
    }
  }
}
console.log(`${rendered} cases, ${runs} runs, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
