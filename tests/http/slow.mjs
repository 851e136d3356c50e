// slowhttptest's three modes at once: slow headers, slow bodies, slow readers.
// All must be cut off, and everybody else be served meanwhile.
//
//   node tests/http/slow.mjs SERVER
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';

const CONNECTIONS = 200, PATIENCE = 40; // for each mode; seconds for it all
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const server = spawn(process.argv[2], { stdio: ['ignore', 'pipe', 'inherit'] });
const port = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(Number(text))));
const home = `http://127.0.0.1:${port}/`;

// How many connections the server holds; the client's ends do not count.
function held() {
  const hex = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = fs.readFileSync('/proc/net/tcp', 'utf8').split('\n').map((row) => row.trim().split(/\s+/));
  return rows.filter(([, local, , state]) => local === hex && (state === '01' || state === '08')).length;
}

function ask() {
  return new Promise((resolve, reject) => {
    http.get(home, { agent: false, timeout: 5000 }, (res) => {
      let text = '';
      res.on('data', (chunk) => (text += chunk)).on('end', () => resolve(`${res.statusCode} ${text}`));
    }).on('error', reject).on('timeout', () => reject(new Error('no answer in five seconds')));
  });
}

const modes = [
  ['-H', '-i', '1', '-u', home],
  ['-B', '-i', '1', '-s', '8192', '-u', home],
  ['-X', '-w', '10', '-y', '20', '-n', '1', '-z', '5', '-k', '3', '-u', `${home}page`],
];
const attackers = modes.map((mode) => spawn('slowhttptest', ['-c', CONNECTIONS, '-r', CONNECTIONS, '-l', PATIENCE, ...mode], { stdio: 'ignore' }));

let most = 0, answers = 0, wrong = null;
const end = Date.now() + PATIENCE * 1000;
while (Date.now() < end && !wrong) {
  const now = held();
  most = Math.max(most, now);
  if (most > CONNECTIONS * 2 && now === 0) break;
  await ask().then((text) => (text === '200 hello' ? answers++ : (wrong = text)), (error) => (wrong = error.message));
  await sleep(50);
}
const left = held();
attackers.forEach((child) => child.kill());
server.kill();

console.log(`${most} slow connections at most, ${left} left, ${answers} others answered meanwhile${wrong ? `, then: ${wrong}` : ''}`);
process.exitCode = most > CONNECTIONS * 2 && left === 0 && !wrong ? 0 : 1;
