// A blog from nothing: generated, built, its own tests run, then used over HTTP.
//
//   node blog.mjs MVCGEN FOLDER
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { generateBlog, run, start, stop, visitor } from './app.mjs';

const [mvcgen, folder] = process.argv.slice(2);
const dir = generateBlog(mvcgen, folder);

const tests = run(mvcgen, ['test'], { cwd: dir });
assert.match(tests, /100% tests passed/);

// Hardened: position independent, bound at its start, a guard on the stack.
const elf = run('readelf', ['-hldW', '--dyn-syms', path.join(dir, 'build/blog')]);
assert.match(elf, /Type:\s+DYN/);
assert.match(elf, /GNU_RELRO/);
assert.match(elf, /FLAGS_1.*NOW/);
assert.match(elf, /__stack_chk_fail/);

// Generating again changes nothing; destroying it leaves the project as it was.
const again = run(mvcgen, ['new', 'scaffold', 'post', 'title:string', 'body:text', 'published:bool'], { cwd: dir });
assert.doesNotMatch(again, /create|overwrite/);
run(mvcgen, ['new', 'scaffold', 'comment', 'text:text!'], { cwd: dir });
run(mvcgen, ['destroy', 'scaffold', 'comment', 'text:text!'], { cwd: dir });
assert.ok(!fs.existsSync(path.join(dir, 'models/comment.c')));
assert.doesNotMatch(fs.readFileSync(path.join(dir, 'routes/routes.c'), 'utf8'), /comment/);

let app = await start(dir);
let v = visitor(app);

// The pages
let r = await v.get('/');
assert.equal(r.status, 200);
assert.match(r.body, /<h1>Blog is running<\/h1>/);
assert.ok(r.headers.get('content-security-policy'), 'helmet is on');
r = await v.get('/css/app.css');
assert.equal(r.status, 200);
assert.match(r.headers.get('content-type'), /^text\/css/);
r = await v.get('/nothing');
assert.equal(r.status, 404);
assert.match(r.body, /Not Found/);

// Create, with what needs escaping
r = await v.get('/posts');
assert.match(r.body, /No posts yet/);
await v.get('/posts/new');
const title = `Tom & "Jerry" <script>'s`;
r = await v.post('/posts', { title, body: 'Line one\nLine two é 😀', published: 'true' });
assert.equal(r.status, 302);
const post = r.location;
assert.match(post, /^\/posts\/[0-9a-f]{24}$/);
r = await v.get(post);
assert.equal(r.status, 200);
assert.match(r.body, /Post created\./);
assert.ok(r.body.includes('Tom &amp; &#34;Jerry&#34; &lt;script&gt;&#39;s'));
assert.ok(r.body.includes('Line two é 😀'));
r = await v.get(post);
assert.doesNotMatch(r.body, /Post created\./, 'a flash is shown once');

// Validation: the form comes back with the reason and what was typed
await v.get('/posts/new');
r = await v.post('/posts', { title: '', body: 'kept text' });
assert.equal(r.status, 422);
assert.match(r.body, /Path `title` is required\./);
assert.match(r.body, /kept text/);

// Edit and update
r = await v.get(`${post}/edit`);
assert.match(r.body, /checked/);
r = await v.post(`${post}?_method=PATCH`, { title: 'Second title', body: 'x' });
assert.equal(r.status, 302);
r = await v.get(post);
assert.match(r.body, /Second title/);
assert.match(r.body, /<dd>no<\/dd>/, 'an unticked box is false');
r = await v.get(`${post}/edit`);
r = await v.post(`${post}?_method=PATCH`, { title: '' });
assert.equal(r.status, 422);

// Without the token nothing changes
r = await v.postBare(`${post}?_method=DELETE`);
assert.equal(r.status, 403);

// Data survives a restart and a kill -9
assert.equal(await stop(app), 0);
app = await start(dir);
v = visitor(app);
assert.match((await v.get(post)).body, /Second title/);
await v.get('/posts/new');
r = await v.post('/posts', { title: 'Just before the crash' });
const last = r.location;
await stop(app, 'SIGKILL');
app = await start(dir);
v = visitor(app);
assert.match((await v.get(last)).body, /Just before the crash/);

// Delete
await v.get(post);
r = await v.post(`${post}?_method=DELETE`);
assert.equal(r.status, 302);
assert.equal((await v.get(post)).status, 404);
assert.equal((await v.get('/posts/not-an-id')).status, 404);

// JSON clients get JSON errors
r = await v.get('/nothing', { accept: 'application/json' });
assert.deepEqual(JSON.parse(r.body).error.status, 404);

assert.equal(await stop(app), 0);

// A broken view in development: the page tells file and line
const view = path.join(dir, 'views/posts/index.ejs');
const good = fs.readFileSync(view, 'utf8');
fs.writeFileSync(view, good.replace('<h1>', '<h1><%= nope.x %>'));
app = await start(dir, { MVC_ENV: 'development' });
r = await visitor(app).get('/posts');
assert.equal(r.status, 500);
assert.match(r.body, /nope is not defined/);
assert.match(r.body, /index\.ejs:3/);
fs.writeFileSync(view, good);
r = await visitor(app).get('/posts');
assert.equal(r.status, 200, 'a mended view is served at once');
await stop(app);

// A port in use: one message, status 1
const taken = net.createServer().listen(0, '0.0.0.0');
await new Promise((done) => taken.on('listening', done));
const { runFailing } = await import('./app.mjs');
const busy = runFailing(path.join(dir, 'build/blog'), [], { cwd: dir, env: { ...process.env, PORT: String(taken.address().port) } });
taken.close();
assert.equal(busy.status, 1);
assert.match(busy.text, /in use/);

console.log('the blog works');
