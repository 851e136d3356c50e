// batch.mjs - runs parse_batch over templates: batch(program, [{flags, text}])
import { spawnSync } from 'node:child_process';

export function batch(program, records) {
  const parts = [];
  for (const { flags, text } of records) {
    const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
    parts.push(Buffer.from(`${flags || '-'} ${bytes.length}\n`), bytes);
  }
  const run = spawnSync(program, { input: Buffer.concat(parts), maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`${program} failed: ${run.signal || run.status} ${run.stderr}`);
  const answers = [];
  for (let at = 0; at < run.stdout.length;) {
    const end = run.stdout.indexOf(10, at);
    const [kind, size] = run.stdout.toString('latin1', at, end).split(' ');
    const data = run.stdout.toString('utf8', end + 1, end + 1 + Number(size));
    at = end + 1 + Number(size) + 1;
    if (kind === 'ok') answers.push({ ok: true, text: data });
    else {
      const [, line, column, message, hint] = /^(\d+):(\d+): (.*)\n([^]*)$/s.exec(data);
      answers.push({ ok: false, line: Number(line), column: Number(column), message, hint });
    }
  }
  return answers;
}
