// A generated application under test: made, built, started, asked and stopped.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

export function run(program, args, options = {}) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  } catch (e) {
    throw new Error(`${program} ${args.join(' ')} gave ${e.status}\n${e.stdout}\n${e.stderr}`);
  }
}

// The exit status and what was said, of a call that is expected to fail.
export function runFailing(program, args, options = {}) {
  try {
    run(program, args, { ...options });
  } catch (e) {
    const status = Number(/gave (\d+)/.exec(e.message)?.[1]);
    return { status, text: e.message };
  }
  throw new Error(`${program} ${args.join(' ')} succeeded, expected a failure`);
}

export function generateBlog(mvcgen, parent) {
  fs.rmSync(parent, { recursive: true, force: true });
  fs.mkdirSync(parent, { recursive: true });
  const dir = path.join(parent, 'blog');
  run(mvcgen, ['new', 'project', 'blog'], { cwd: parent });
  run(mvcgen, ['new', 'scaffold', 'post', 'title:string', 'body:text', 'published:bool'], { cwd: dir });
  run(mvcgen, ['build'], { cwd: dir });
  return dir;
}

export function freePort() {
  return new Promise((done) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });
}

export async function start(dir, env = {}) {
  const port = await freePort();
  const child = spawn(path.join(dir, 'build/blog'), [], {
    cwd: dir, env: { ...process.env, PORT: String(port), ...env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (d) => { said += d; });
  child.stderr.on('data', (d) => { said += d; });
  const app = { child, port, url: `http://127.0.0.1:${port}`, said: () => said };
  for (let i = 0; i < 100; i++) {
    if (child.exitCode !== null) throw new Error(`the app ended with ${child.exitCode}: ${said}`);
    try {
      await fetch(app.url);
      return app;
    } catch {
      await new Promise((r) => setTimeout(r, 100));
    }
  }
  throw new Error(`the app does not answer: ${said}`);
}

export function stop(app, signal = 'SIGTERM') {
  return new Promise((done) => {
    app.child.on('exit', (code, by) => done(code ?? by));
    app.child.kill(signal);
  });
}

// Keeps the cookie and the forms' token, as a browser does.
export function visitor(app) {
  let cookie = '', token = '';
  async function ask(url, init = {}) {
    const res = await fetch(app.url + url, { redirect: 'manual', ...init, headers: { cookie, accept: 'text/html', ...init.headers } });
    const body = await res.text();
    for (const c of res.headers.getSetCookie()) cookie = c.split(';')[0];
    token = /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? token;
    return { status: res.status, body, location: res.headers.get('location'), headers: res.headers };
  }
  return {
    get: (url, headers) => ask(url, { headers }),
    post: (url, form = {}) => ask(url, { method: 'POST', body: new URLSearchParams({ _csrf: token, ...form }) }),
    postBare: (url, form = {}) => ask(url, { method: 'POST', body: new URLSearchParams(form) }),
  };
}
