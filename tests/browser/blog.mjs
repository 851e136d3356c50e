// Uses the generated blog as a person does, and keeps screenshots.
//
//   node blog.mjs BLOG_FOLDER CHROMIUM SCREENSHOT_FOLDER
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { start, stop } from '../scaffold/app.mjs';

const { chromium } = createRequire(new URL('../oracle/package.json', import.meta.url))('playwright-core');
const [dir, executablePath, shots] = process.argv.slice(2);
fs.rmSync(path.join(dir, 'browser.db'), { force: true });
const app = await start(dir, { DATABASE_URL: 'sqlite:browser.db' });
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  const problems = [];
  page.on('console', (m) => { if (m.type() === 'error') problems.push(m.text()); });
  page.on('pageerror', (e) => problems.push(String(e)));

  await page.goto(app.url);
  assert.equal(await page.textContent('h1'), 'Blog is running');
  const background = await page.evaluate(() => getComputedStyle(document.querySelector('header')).backgroundColor);
  assert.notEqual(background, 'rgba(0, 0, 0, 0)', 'the style sheet is applied');
  await page.screenshot({ path: path.join(shots, 'home.png') });

  // from the menu to a new post
  await page.click('nav >> text=Posts');
  await page.click('text=New post');
  await page.click('button:has-text("Create post")');
  assert.match(await page.textContent('.problem'), /required/);
  await page.screenshot({ path: path.join(shots, 'invalid.png') });
  await page.fill('#title', 'Hello <b>world</b>');
  await page.fill('#body', 'First line\nSecond line');
  await page.check('#published');
  await page.click('button:has-text("Create post")');
  assert.equal(await page.textContent('.flash'), 'Post created.');
  assert.equal(await page.textContent('dd'), 'Hello <b>world</b>');
  await page.screenshot({ path: path.join(shots, 'show.png') });

  // edit it
  await page.click('text=Edit');
  assert.equal(await page.inputValue('#body'), 'First line\nSecond line');
  assert.ok(await page.isChecked('#published'));
  await page.fill('#title', 'Changed');
  await page.uncheck('#published');
  await page.click('button:has-text("Save post")');
  assert.equal(await page.textContent('dd'), 'Changed');

  // find it in the list, then delete it
  await page.click('text=All posts');
  assert.equal(await page.textContent('tbody a'), 'Changed');
  await page.screenshot({ path: path.join(shots, 'list.png') });
  await page.click('tbody a');
  await page.click('button:has-text("Delete")');
  assert.equal(await page.textContent('.flash'), 'Post deleted.');
  assert.match(await page.textContent('.empty'), /No posts yet/);

  assert.deepEqual(problems.filter((p) => !/422/.test(p)), [], 'the console is clean');
  console.log(`the blog works in Chromium ${browser.version()}; screenshots in ${shots}`);

  await showsWhatIsWrong();
} finally {
  await browser.close();
  await stop(app);
}

// In development a view that fails shows its own line; then it is mended.
async function showsWhatIsWrong() {
  const view = path.join(dir, 'views/home/index.ejs');
  const text = fs.readFileSync(view, 'utf8');
  const development = await start(dir, { DATABASE_URL: 'sqlite:browser.db', MVC_ENV: 'development' });
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
    const refused = [];
    page.on('console', (m) => { if (/Content Security Policy/.test(m.text())) refused.push(m.text()); });
    fs.writeFileSync(view, text + '<%= no.such.thing %>\n');
    const response = await page.goto(development.url);
    assert.equal(response.status(), 500);
    assert.equal(await page.textContent('h1'), 'ReferenceError: no is not defined');
    assert.match(await page.textContent('.excerpt .here code'), /no\.such\.thing/);
    const line = page.locator('.excerpt .here').first();
    assert.notEqual(await line.evaluate((e) => getComputedStyle(e).backgroundColor), 'rgba(0, 0, 0, 0)', 'the line is marked');
    assert.match(await page.textContent('table'), /routes\.c:\d+/);
    await page.screenshot({ path: path.join(shots, 'development.png') });
    await page.goto(development.url + '/nowhere');
    assert.match(await page.textContent('table'), /\/posts\/:id\/edit/);
    fs.writeFileSync(view, text);
    await page.goto(development.url);
    assert.equal(await page.textContent('h1'), 'Blog is running');
    assert.deepEqual(refused, [], 'the page keeps to its own policy');
  } finally {
    fs.writeFileSync(view, text);
    await stop(development);
  }
}
