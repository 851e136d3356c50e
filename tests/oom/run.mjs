// Renders golden cases once for each allocation that can fail: the program must
// then say what is wrong, or have managed without.  It must never crash, hang,
// give a page that differs, or one where there is none.
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
const FLAGS = {
  strict: () => ['--strict'],
  _with: (is) => (is ? [] : ['--no-with']),
  rmWhitespace: () => ['--rm-whitespace'],
  compileDebug: (is) => (is ? [] : ['--no-compile-debug']),
  legacyInclude: () => ['--legacy-include'],
  typed: () => ['--typed'],
  delimiter: (c) => ['--delimiter', c],
  openDelimiter: (c) => ['--open-delimiter', c],
  closeDelimiter: (c) => ['--close-delimiter', c],
  localsName: (name) => ['--locals-name', name],
  outputFunctionName: (name) => ['--output-function-name', name],
  destructuredLocals: (names) => ['--destructured-locals', names.join()],
};

function flags({ file, now, options }) {
  const folder = path.dirname(file);
  const own = Object.entries(options).flatMap(([name, value]) => FLAGS[name](value));
  return ['--root', folder, '--views', folder, ...(now !== undefined ? ['--now', String(now)] : []), ...own, file];
}

function render(c, environment) {
  const run = spawnSync(path.resolve(mvcgen), ['render', ...flags(c), '-i', encodeURIComponent(c.data)], { cwd: home, env: { ...process.env, LD_PRELOAD: path.resolve(preload), TZ: 'UTC', ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], timeout: 20000, encoding: 'utf8' });
  return { status: run.status, signal: run.signal, out: run.stdout ?? '', err: run.stderr, made: Number(run.output?.[3]) };
}

// What is wrong with a run whose allocation failed; null when nothing is.
function fault(c, run) {
  if (run.signal) return `died of ${run.signal}`;
  if (run.status === 0 && c.html === null) return 'claims success, but there is no such page';
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
for (const c of cases(words)) {
  const whole = render(c, {});
  if (fault(c, whole) || (whole.status === 0) !== (c.html !== null) || !(whole.made > 0)) {
    console.log(`${c.id}: not as it should be even with memory, or nothing was counted: ${whole.err}`);
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
