// Server CPU for each request, side by side, and the bounds it is held to.
//
//   node tests/bench/http/run.mjs [BUILD_FOLDER] [ROUNDS] [SECONDS]
//
// One server at a time runs on one core, client.c with 64 connections on another.
import { execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const [build = path.join(here, '../../../build'), rounds = '7', seconds = '2'] = process.argv.slice(2);
const bin = path.join(build, 'tests/bench');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-http-'));
const ejs = createRequire(new URL('../../oracle/package.json', import.meta.url))('ejs');

const text = 'The quick brown fox jumps over the lazy dog & <others>. ';
const posts = Array.from({ length: 12 }, (_, i) => ({ id: i + 1, title: `Post number ${i + 1} "quoted"`, author: `Author ${i % 3}`, tags: ['c', 'web', 'ejs'].slice(0, i % 4), text: text.repeat(3) }));
const data = path.join(work, 'posts.json');
const page = path.join(work, 'page.html');
fs.writeFileSync(data, JSON.stringify(posts));
fs.writeFileSync(page, ejs.render(fs.readFileSync(path.join(here, 'views/page.ejs'), 'utf8'), { posts, title: 'The blog' }));

let port = 20000 + (process.pid % 20000);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const cpu = (pid) => // microseconds, of all threads
  fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000, 0);
const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function start(command, ...args) {
  const own = String(++port);
  const child = spawn('taskset', ['-c', '0', command, ...args.map((a) => (a === 'PORT' ? own : a))], { stdio: 'ignore', env: { ...process.env, NODE_ENV: 'production' } });
  for (let i = 0; i < 100; i++) {
    await sleep(50);
    if (await get(own, '/').then(() => true, () => false)) return { child, port: own, pid: child.pid };
  }
  throw new Error(`${command} does not answer`);
}
const stop = (server) => new Promise((resolve) => { server.child.once('exit', resolve); server.child.kill(); });

function get(at, target) {
  return new Promise((resolve, reject) => {
    http.get({ port: at, host: '127.0.0.1', path: target, agent: false }, (res) => {
      let body = '';
      res.on('data', (chunk) => (body += chunk)).on('end', () => resolve(body));
    }).on('error', reject);
  });
}

function load(server, target, forSeconds = seconds, connections = 64) {
  const before = cpu(server.pid);
  const client = path.join(bin, 'bench-http-client');
  const out = execFileSync('taskset', ['-c', '1', client, server.port, target, forSeconds, connections].map(String), { encoding: 'utf8' });
  const [requests, latency] = out.split(' ').map(Number);
  return { us: (cpu(server.pid) - before) / requests, requests, rate: requests / Number(forSeconds), latency };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const servers = {
  epoll: await start(path.join(bin, 'bench-http-epoll'), 'PORT', page),
  raw: await start(path.join(bin, 'bench-http-raw'), 'PORT', page),
  mvc: await start(path.join(bin, 'bench-http-app'), 'PORT', data, '10'),
  many: await start(path.join(bin, 'bench-http-app'), 'PORT', data, '1000'),
};
const express = await start(process.execPath, path.join(here, 'express.mjs'), 'PORT', data, path.join(here, 'views'));
let failed = 0;
function row(what, value, most, unit = '', least = false) {
  const ok = least ? value >= most : value <= most;
  failed += !ok;
  console.log(`${ok ? 'ok    ' : least ? 'UNDER ' : 'OVER  '} ${what.padEnd(64)} ${value.toFixed(2).padStart(9)}${unit}  (at ${least ? 'least' : 'most'} ${most}${unit})`);
}

try {
  if (await get(servers.mvc.port, '/page') !== fs.readFileSync(page, 'utf8')) throw new Error('the page is not the one EJS renders');
  const idle = memory(servers.mvc.pid);
  const ratios = { raw: [], epoll: [], page: [], routes: [], express: [], rate: [] };
  const cost = [];
  for (let i = 0; i < Number(rounds); i++) {
    const [epoll, raw, mvc] = ['epoll', 'raw', 'mvc'].map((name) => load(servers[name], '/'));
    const [rawPage, mvcPage, freshPage] = [load(servers.raw, '/page'), load(servers.mvc, '/page'), load(servers.mvc, '/fresh')];
    const [few, many] = [load(servers.mvc, '/section9/x/item9'), load(servers.many, '/section49/x/item999')];
    ratios.raw.push(mvc.us / raw.us);
    ratios.epoll.push(mvc.us / epoll.us);
    ratios.page.push(mvcPage.us / rawPage.us);
    ratios.routes.push(many.us / few.us);
    const expressPage = load(express, '/page');
    ratios.express.push(expressPage.us / mvcPage.us);
    ratios.rate.push(mvcPage.rate / expressPage.rate);
    cost.push([epoll.us, raw.us, mvc.us, rawPage.us, mvcPage.us, expressPage.us, mvcPage.rate, expressPage.rate, freshPage.us]);
  }
  const [e, r, m, rp, mp, xp, mr, xr, fp] = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => median(cost.map((c) => c[i])).toFixed(1));
  console.log(`server CPU, us a request: plain text ${e} epoll, ${r} libmicrohttpd, ${m} libmvc; page ${rp} libmicrohttpd, ${mp} libmvc (${fp} when its bytes are new), ${xp} Express + EJS`);
  console.log(`pages a second: ${mr} libmvc, ${xr} Express + EJS`);
  row('plain text, times raw libmicrohttpd', median(ratios.raw), 1.15);
  row('plain text, times a raw epoll loop', median(ratios.epoll), 1.4);
  row('rendered 5 KB page, times raw libmicrohttpd sending it', median(ratios.page), 1.35);
  row('1,000 routes, times 10 routes', median(ratios.routes), 2);
  row('page: requests a second, times Express + EJS', median(ratios.rate), 25, '', true);
  row('page: server CPU of Express + EJS, times ours', median(ratios.express), 25, '', true);

  const calm = median([load(servers.mvc, '/', 2, 1), load(servers.mvc, '/', 2, 1), load(servers.mvc, '/', 2, 1)].map((x) => x.latency));
  const waiting = Array.from({ length: 64 * 4 }, () => get(servers.mvc.port, '/wait'));
  await sleep(300);
  const busy = load(servers.mvc, '/', 2, 1).latency;
  await Promise.all(waiting);
  row('median latency while 64 handlers sleep, times without', busy / calm, 1.5);

  row('memory, idle', idle / 1024, 10, ' MiB');
  const net = await import('node:net');
  const before = memory(servers.many.pid);
  const sockets = await Promise.all(Array.from({ length: 1000 }, () => new Promise((resolve) => {
    const s = net.connect(servers.many.port, '127.0.0.1', () => s.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    s.once('data', () => resolve(s));
  })));
  row('memory, each idle connection', (memory(servers.many.pid) - before) / sockets.length, 64, ' KiB');
  sockets.forEach((s) => s.destroy());
  load(servers.mvc, '/page', 2);
  const early = memory(servers.mvc.pid);
  for (let n = 0; n < 1_000_000;) n += load(servers.mvc, '/page', 5).requests;
  row('memory, growth over 1,000,000 requests', (memory(servers.mvc.pid) - early) / 1024, 1, ' MiB');
} finally {
  await Promise.all([...Object.values(servers), express].map(stop));
  fs.rmSync(work, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
