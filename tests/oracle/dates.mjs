// Compares the runtime's dates with this JavaScript engine: parsing, time zones
// and texts.
//
//   node dates.mjs PROGRAM [COUNT]
//
// PROGRAM (dates.c) gets a zone and answers lines: `PTEXT` or `FTIME`.
import { spawnSync } from 'node:child_process';

const [program, count = '4000'] = process.argv.slice(2);

// A small generator with a fixed seed, so that a failure can be repeated.
let state = 20240229;
function below(n) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % n;
}
const one = (list) => list[below(list.length)];
const two = (n) => String(n).padStart(2, '0');

const words = ['Jan', 'February', 'mar', 'Sept', 'december', 'am', 'PM', 'a.m.', 'UTC', 'GMT', 'Z', 'z', 'EST', 'PDT', 'T', 't',
  'Mon', 'Tuesday', 'of', 'th', 'foo', 'é', '(x)', '((a)b)', '(', 'Thu,', ')', 'Standard'];
const separators = [' ', '', '-', '/', ',', ', ', ':', '.', '+', '  ', '\t', '::', '\u00a0', 'T', '_'];

function number() {
  switch (below(8)) {
    case 0: return String(below(40));
    case 1: return two(below(70));
    case 2: return String(1900 + below(200));
    case 3: return String(below(10000)).padStart(4, '0');
    case 4: return String(below(1000000)).padStart(6, '0');
    case 5: return String(below(1000));
    case 6: return '2024';
    default: return '0000000012';
  }
}

function iso() {
  return one(['', '+0', '-0']) + (1800 + below(400)) + one([`-${two(below(14))}`, `-0${below(10)}`, '']) +
    one([`-${two(below(34))}`, `-1${below(10)}`, '']) + one(['T', 't', ' ', '']) +
    one([`${two(below(26))}:${two(below(62))}`, `1${below(10)}:3${below(10)}:${two(below(62))}`, '24:00:00', `10:20:30.${below(100000)}`, '']) +
    one(['', 'Z', 'z', '+05:30', '-0800', ' +01:00', '+1', '-12:3']);
}

function own() {
  const date = new Date(below(2 ** 24) * 250000 - 1e12);
  return one([date.toString(), date.toUTCString(), date.toISOString(), date.toDateString(), `${date.getMonth() + 1}/${date.getDate()}/${date.getFullYear()}`,
    `${date.getDate()} ${one(['Jan', 'August'])} ${date.getFullYear()} ${below(14)}:${two(below(60))} ${one(['AM', 'PM', ''])}`]);
}

function loose() {
  let text = '';
  for (let n = 1 + below(8); n > 0; n--) text += (below(3) ? number() : one(words)) + one(separators);
  return text;
}

function time() {
  const range = one([1e12, 3e12, 2e14]);
  const t = Math.floor(below(2 ** 24) / 2 ** 24 * 2 * range - range);
  return below(2) ? t - t % 600000 : t;
}

// Local times of the years 0 to 99 are left out: new Date(70, ...) is 1970.
function answerFormat(t) {
  const d = new Date(t);
  const full = d.getUTCFullYear();
  if (full >= 0 && full < 100) return null;
  const texts = [d.toString(), d.toDateString(), d.toTimeString()].map((text) => text.replace(/\(.*/, ''));
  const local = new Date(full, d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds(), d.getUTCMilliseconds());
  return [...texts, d.toUTCString(), d.toISOString(), d.getUTCDay(), local.getTime()].join('|');
}

// Zones whose rules have not changed lately, as tzdata is not Node's.
const zones = ['UTC', 'America/New_York', 'Europe/Dublin', 'Asia/Kolkata', 'Africa/Casablanca', 'Australia/Lord_Howe', 'America/Sao_Paulo',
  'Asia/Tokyo', 'Europe/Moscow', 'Pacific/Apia', 'Europe/London', 'Asia/Tehran', 'America/St_Johns', 'Etc/GMT-14'];
let questions = 0;
let differences = 0;
for (const zone of zones) {
  process.env.TZ = zone;
  const lines = [];
  const expected = [];
  for (let i = 0; i < Number(count); i++) {
    if (below(3)) {
      const text = one([iso, own, loose])();
      lines.push(`P${text}`);
      expected.push(String(new Date(text).getTime()));
    } else {
      const t = time();
      const answer = answerFormat(t);
      if (answer === null) continue;
      lines.push(`F${t}`);
      expected.push(answer);
    }
  }
  const { stdout, status } = spawnSync(program, [zone], { input: `${lines.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ${zone} ended with ${status}`);
  const answers = stdout.split('\n');
  questions += lines.length;
  lines.forEach((line, i) => {
    if (answers[i] === expected[i]) return;
    if (differences++ < 20) console.log(`${zone} ${JSON.stringify(line)}: ${answers[i]}, not ${expected[i]}`);
  });
}
console.log(`${questions} dates, ${differences} differences`);
process.exit(differences ? 1 : 0);
