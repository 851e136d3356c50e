// Renders golden cases once for each allocation that can fail: the program must
// then end with one message and exit status 1, or have managed without.  It
// must never crash, hang, or print half a page and claim success.
//
//   node run.mjs MVCGEN FAILING.so CASE...
import { spawnSync } from 'node:child_process';
import { home, load } from '../golden/cases.mjs';

const [mvcgen, preload, ...ids] = process.argv.slice(2);

function render(c, environment) {
  const run = spawnSync(mvcgen, ['render', c.file, '-i', encodeURIComponent(c.data)], { cwd: home, env: { ...process.env, LD_PRELOAD: preload, TZ: 'UTC', ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], timeout: 20000, encoding: 'utf8' });
  return { status: run.status, signal: run.signal, out: run.stdout, err: run.stderr, made: Number(run.output[3]) };
}

// What is wrong with a run whose allocation failed; null when nothing is.
function fault(c, run) {
  if (run.signal) return `died of ${run.signal}`;
  if (run.status === 0) return run.out === c.html ? null : 'claims success, but the page differs';
  if (run.status !== 1) return `exit status ${run.status}`;
  return run.err.trim() ? null : 'failed without a message';
}

let wrong = 0, runs = 0;
for (const c of ids.map(load)) {
  const whole = render(c, {});
  if (whole.status !== 0 || whole.out !== c.html || !(whole.made > 0)) {
    console.log(`${c.id}: does not render even with memory, or nothing was counted: ${whole.err}`);
    wrong++;
    continue;
  }
  for (let at = 1; at <= whole.made; at++) {
    for (const on of ['0', '1']) {
      const problem = fault(c, render(c, { FAIL_AT: at, FAIL_ON: on }));
      runs++;
      if (!problem) continue;
      if (wrong++ < 20) console.log(`${c.id}: FAIL_AT=${at} FAIL_ON=${on}: ${problem}`);
    }
  }
  console.log(`${c.id}: ${whole.made} allocations`);
}
console.log(`${runs} runs, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
