// The same requests to Express with morgan and to our server with mvc_logger:
// each format has to give the same lines, but for times.
//
//   node morgan.mjs PROGRAM
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

process.env.NO_COLOR = '1'; // our log is a file, which has no colours
process.env.NODE_ENV = 'test';
const require = createRequire(import.meta.url);
const express = require('express'), morgan = require('morgan');
morgan.token('shout', (req, res, argument) => argument && `${argument}!`);
const FORMATS = ['combined', 'common', 'short', 'tiny', 'dev',
  ':method :url :status :res[content-length] - :response-time ms', ':date[web] :date :date[iso] :date[clf] :date[nonsense]',
  ':req[Cookie] :req[x-none] :req[x-two]|:res[Set-Cookie]|:res[etag]|:res[content-type]|:res[location]|:res[date]',
  ':remote-addr :remote-user ":referrer" ":user-agent" :http-version :shout[a b] :shout',
  ':status:status :a :: :[x] :url[x] :status[] :method[:url] 100% \\ "', ':response-time[1] ms, :response-time[0] ms, :total-time ms, :total-time[2] ms'];

function theirs(format, lines) {
  const app = express();
  app.use(morgan(format, { stream: { write: (line) => lines.push(line) } }));
  app.all('/', (req, res) => res.send('a page'));
  app.get('/empty', (req, res) => res.send(''));
  app.get('/status/:code', (req, res) => res.status(Number(req.params.code)).send('body'));
  app.get('/move', (req, res) => { res.append('Set-Cookie', 'a=1'); res.append('Set-Cookie', 'b="2"'); res.redirect('/elsewhere'); });
  app.get('/stream', (req, res) => { res.type('text'); res.write('x'); res.write('x'); res.end('x'); });
  return new Promise((resolve) => { const server = app.listen(0, '127.0.0.1', () => resolve(server)); });
}

// A request as text; \n becomes CRLF.
const get = (target, headers = '', version = '1.1', method = 'GET') =>
  `${method} ${target} HTTP/${version}\nHost: a\nConnection: close\n${headers}\n`.replaceAll('\n', '\r\n');
const basic = (text) => `Authorization: Basic ${Buffer.from(text).toString('base64')}\n`;
const REQUESTS = [
  get('/'), get('/?a=1&b=%22%0a', 'Referer: http://x.example/\nUser-Agent: curl/8\n'), get('/', 'Referrer: with two r\n'),
  get('/', '', '1.0'), get('/', '', '1.1', 'HEAD'), get('/', '', '1.1', 'DELETE'), get('/empty'), get('/move'), get('/stream'),
  get('/status/201'), get('/status/204'), get('/status/304'), get('/status/404'), get('/status/500'), get('/status/503'),
  get('/', 'User-Agent: a "quoted" \\back\\ and a\ttab\n'), get('/', 'User-Agent:\n'), get('/', 'Cookie: a="1"\nX-Two: a\nX-Two: b\n'),
  get('/', basic('ann:secret')), get('/', basic('a"b\\c\nd\x7f:x')), get('/', basic('no colon')), get('/', basic(':x')), get('/', 'Authorization: Bearer x\n'),
];

function send(port, text) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', () => {}).on('close', resolve);
  });
}

const plain = (line) => line.trimEnd()
  .replace(/\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000/, 'DATE').replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'HTTP DATE').replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, 'ISO DATE')
  .replace(/\d+(\.?)(\d*) ms/g, (_, point, digits) => `N${point}${'0'.repeat(digits.length)} ms`).replace(/(W\/.{1,4}-)[^"\\]+/, '$1*');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'morgan-'));
const child = spawn(process.argv[2], [folder, ...FORMATS], { stdio: ['pipe', 'pipe', 'inherit'] });
const ports = String(await new Promise((resolve) => child.stdout.once('data', resolve))).trim().split(' ').map(Number);

// A line is written when the answer has gone, which the client may see first.
async function ourLines(number, count) {
  for (let i = 0; i < 500; i++) {
    const lines = fs.readFileSync(path.join(folder, String(number)), 'utf8').split('\n').slice(0, -1);
    if (lines.length >= count) return lines;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return fs.readFileSync(path.join(folder, String(number)), 'utf8').split('\n').slice(0, -1);
}

let failures = 0, count = 0;
for (const [i, format] of FORMATS.entries()) {
  const lines = [];
  const server = await theirs(format, lines);
  for (const [n, request] of REQUESTS.entries()) {
    await send(server.address().port, request);
    for (let wait = 0; lines.length <= n && wait < 500; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
    await send(ports[i], request);
    const ours = (await ourLines(i, n + 1))[n] ?? '(nothing)';
    count++;
    if (plain(ours) === plain(lines[n] ?? '(nothing)')) continue;
    failures++;
    console.log(`not ok - ${format}: ${JSON.stringify(request.split('\r\n')[0])}\n  ours:   ${ours}\n  theirs: ${lines[n]}`);
  }
  server.close();
}
child.stdin.end();
fs.rmSync(folder, { recursive: true });
console.log(`${count} lines, ${failures} different`);
process.exit(failures ? 1 : 0);
