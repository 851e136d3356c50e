// The application of parity.c, on Express 5.  Prints its port.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const require = createRequire(new URL('../../oracle/package.json', import.meta.url));
const express = require('express');
const here = path.dirname(fileURLToPath(import.meta.url));
const publicDir = process.argv[2] ?? path.join(here, 'public');
process.env.NODE_ENV = 'production';

const app = express();
app.set('env', 'production');
app.disable('x-powered-by');
const { json, urlencoded, text, raw } = express;
const text_ = (value) => (req, res) => res.send(value);
const show = (req, res) => res.json({
  params: req.params, url: req.url, base: req.baseUrl, original: req.originalUrl,
  path: req.path,
});

// routes and parameters
app.get('/', text_('home'));
app.get('/users/:id', show);
app.get('/users/:id/posts/:post', show);
app.get('/files/*rest', show);
app.get('/mid/*rest/end', show);
app.get('/opt{/:id}', show);
app.get('/opt2{/:a{/:b}}', show);
app.get('/f/:name.:ext', show);
app.get('/range/:from-:to', show);
app.get('/v:major.:minor', show);
app.get('/quoted/:"my id"', show);
app.get('/esc\\:aped', show);
app.get('/pre*rest', show);
app.get('/two/*a/x/*b', show);
app.get('/Case/Mixed', text_('mixed'));
app.get('/slash/', text_('slash'));
app.post('/users', text_('created'));
app.put('/users/:id', text_('put'));
app.patch('/users/:id', text_('patched'));
app.delete('/users/:id', text_('deleted'));
app.all('/all', (req, res) => res.send('all ' + req.method));
app.route('/multi').get(text_('multi get')).post(text_('multi post'));
app.head('/headonly', (req, res) => { res.set('X-Head', 'yes'); res.end(); });
app.options('/ownoptions', (req, res) => { res.set('X-Own', '1'); res.send('own'); });
app.get('/ownoptions', text_('get'));

// next and its kin
app.get('/next', (req, res, next) => { res.set('X-One', '1'); next(); },
  (req, res) => res.send('two'));
app.get('/next-route', (req, res, next) => next('route'), text_('wrong'));
app.get('/next-route', text_('other route'));
const skipping = express.Router();
skipping.get('/', (req, res, next) => next('router'));
skipping.get('/', text_('wrong'));
app.use('/next-router', skipping);
app.get('/next-router', text_('after router'));
app.use('/mw', (req, res, next) => { res.set('X-Mw', req.path + '|' + req.baseUrl); next(); });
app.get('/mw', show);
app.get('/mw/below', show);
app.use('/mw/only', show);
app.use('/rewrite', (req, res, next) => { req.url = '/users/9?x=1'; next(); });
const rewritten = express.Router();
rewritten.get('/users/:id', show);
app.use('/rewrite', rewritten);

// routers
const inner = express.Router({ mergeParams: true });
inner.get('/', show);
inner.get('/item/:item', show);
inner.get('/only/get', text_('inner'));
inner.post('/only/get', text_('inner post'));
app.use('/org/:org', inner);
const plain = express.Router();
plain.get('/item/:item', show);
app.use('/plain/:org', plain);
const deep = express.Router();
const deeper = express.Router();
deeper.get('/leaf', show);
deep.use('/deeper', deeper);
app.use('/deep', deep);
const strict = express.Router({ strict: true, caseSensitive: true });
strict.get('/Foo', text_('Foo'));
strict.get('/bar/', text_('bar/'));
app.use('/strict', strict);

// parameter callbacks
const withParam = express.Router();
withParam.param('id', (req, res, next, value) => {
  if (value === 'bad') return next(Object.assign(new Error('bad id'), { status: 422 }));
  if (value === 'skip') return next('route');
  res.append('X-Param', value);
  next();
});
withParam.param('id', (req, res, next, value) => { res.append('X-Second', req.params.id); req.params.id += '!'; if (value === 'leave') return next('route'); if (value === 'router') return next('router'); next(); });
withParam.get('/:id', (req, res, next) => next());
withParam.get('/:id', (req, res, next) => (req.params.id === 'leave!' ? res.send('not left') : next()));
withParam.get('/:id/:other', show);
withParam.get('/:other/:id', show);
withParam.get('/:id', show);
withParam.get('/skip', text_('skipped'));
app.use('/param', withParam);

// errors
app.get('/fail/:status', (req, res, next) => next(Object.assign(new Error('failed'), { status: Number(req.params.status) })));
app.get('/fail-late', (req, res, next) => { res.set('X-Before', '1'); res.set('ETag', '"x"'); res.status(201); next(new Error('late')); });
const failing = express.Router();
failing.get('/a', (req, res, next) => next(new Error('first')));
failing.get('/b', (req, res, next) => next(Object.assign(new Error('second'), { status: 409 })));
failing.get('/c', (req, res, next) => next(new Error('third')));
failing.use((err, req, res, next) => {
  res.append('X-Error', err.message);
  if (err.message === 'third') return next();
  next(err);
});
failing.use((err, req, res, next) => {
  if (err.message === 'second') return res.status(err.status).send('handled ' + err.message);
  next(err);
});
failing.get('/c', text_('recovered'));
app.use('/failing', failing);

// answers
app.get('/send/html', text_('<p>hi</p>'));
app.get('/send/empty', text_(''));
app.get('/send/utf8', text_('grüße ✓'));
app.get('/send/buffer', (req, res) => res.send(Buffer.from('bytes')));
app.get('/send/typed', (req, res) => res.type('text/plain').send('plain'));
app.get('/send/xml', (req, res) => res.type('application/xml').send('<a/>'));
app.get('/send/svg', (req, res) => res.type('svg').send('<svg/>'));
app.get('/send/charset', (req, res) => { res.set('Content-Type', 'text/plain; charset=latin1'); res.send('x'); });
app.get('/send/status/:code', (req, res) => res.sendStatus(Number(req.params.code)));
app.get('/send/with/:code', (req, res) => res.status(Number(req.params.code)).send('body'));
app.get('/send/etag', (req, res) => { res.set('ETag', '"mine"'); res.send('tagged'); });
app.get('/send/modified', (req, res) => { res.set('Last-Modified', 'Wed, 21 Oct 2015 07:28:00 GMT'); res.send('dated'); });
app.get('/json/object', (req, res) => res.json({ a: 1, b: [true, null, 1.5, 'x'], c: { d: 1e21, e: 1e-7, f: -0.5 } }));
app.get('/json/array', (req, res) => res.json([]));
app.get('/json/empty', (req, res) => res.json({}));
app.get('/json/null', (req, res) => res.json(null));
app.get('/json/string', (req, res) => res.json('a "quoted" \\ \n \u2028 <b>'));
app.get('/json/number', (req, res) => res.json(42));
app.get('/json/typed', (req, res) => res.type('application/problem+json').json({ a: 1 }));
app.get('/json/status', (req, res) => res.status(201).json({ made: true }));
app.get('/jsonp', (req, res) => res.jsonp({ a: '\u2028<&>' }));
app.get('/end', (req, res) => res.end());
app.get('/redirect', (req, res) => res.redirect('/target'));
app.get('/redirect/:status', (req, res) => res.redirect(Number(req.params.status), 'http://example.com/a b?q=<x>'));
app.get('/redirect-back', (req, res) => res.redirect('back'));
app.get('/redirect-utf8', (req, res) => res.redirect('/grüße?q=✓#f'));
app.get('/redirect-crlf', (req, res) => res.redirect('/a\r\nX-Evil: 1'));
app.get('/redirect-percent', (req, res) => res.redirect('/a%20b%zz'));
app.get('/location', (req, res) => { res.location('/somewhere else'); res.send('see'); });
app.get('/format', (req, res) => res.format({
  text: () => res.send('text'), html: () => res.send('<p>html</p>'), json: () => res.json({ json: true }),
}));
app.get('/format-default', (req, res) => res.format({
  'application/vnd.x+json': () => res.send('x'), default: () => res.send('default'),
}));
app.get('/vary', (req, res) => { res.vary('Accept'); res.vary('accept'); res.vary('Origin'); res.send('v'); });
app.get('/vary-star', (req, res) => { res.vary('Accept'); res.vary('*'); res.send('v'); });
app.get('/links', (req, res) => { res.links({ next: '/p/2', last: '/p/5' }); res.send('l'); });
app.get('/append', (req, res) => { res.append('X-A', '1'); res.append('X-A', '2'); res.append('Warning', 'w'); res.send('a'); });
app.get('/set-remove', (req, res) => { res.set('X-Gone', '1'); res.removeHeader('X-Gone'); res.set('X-Kept', '2'); res.send('s'); });
app.get('/attachment', (req, res) => { res.attachment(); res.send('a'); });
app.get('/attachment/:name', (req, res) => { res.attachment(req.params.name); res.send('a'); });
app.get('/type/:ext', (req, res) => { res.type(req.params.ext); res.end('x'); });
app.get('/cookies/set', (req, res) => {
  res.cookie('plain', 'value');
  res.cookie('odd', 'a b;c="é"');
  res.cookie('opts', '1', { domain: 'example.com', path: '/admin', httpOnly: true, secure: true, sameSite: 'lax', priority: 'high', partitioned: true });
  res.cookie('strict', '1', { sameSite: 'strict' });
  res.cookie('none', '1', { sameSite: 'none', secure: true });
  res.cookie('age', '1', { maxAge: 60000 });
  res.cookie('json', { a: [1, 2] });
  res.send('set');
});
app.get('/cookies/clear', (req, res) => { res.clearCookie('gone'); res.clearCookie('gone2', { path: '/x', httpOnly: true }); res.send('cleared'); });

// requests
app.get('/query', (req, res) => res.json(req.query));
app.get('/accepts', (req, res) => res.json({ got: req.accepts(['html', 'json', 'text']) || null }));
app.get('/accepts2', (req, res) => res.json({ got: req.accepts(['application/json', 'image/png', 'text/*']) || null }));
app.get('/charsets', (req, res) => res.json({ got: req.acceptsCharsets(['utf-8', 'iso-8859-1']) || null }));
app.get('/encodings', (req, res) => res.json({ got: req.acceptsEncodings(['br', 'gzip', 'identity']) || null }));
app.get('/languages', (req, res) => res.json({ got: req.acceptsLanguages(['en', 'de-AT', 'fr']) || null }));
app.all('/is', (req, res) => res.json({ json: !!req.is('json'), any: !!req.is('text/*'), form: !!req.is('urlencoded'), multi: !!req.is('multipart'), suffix: !!req.is('+json') }));
app.get('/who', (req, res) => res.json({ protocol: req.protocol, secure: req.secure, host: req.host ?? null, hostname: req.hostname ?? null, subdomains: req.subdomains, xhr: req.xhr, ip: req.ip, ips: req.ips }));
app.get('/header', (req, res) => res.json({ ref: req.get('Referrer') ?? null, ref2: req.get('referer') ?? null, x: req.get('X-Many') ?? null, ua: req.get('USER-AGENT') ?? null }));
app.get('/ranges', (req, res) => {
  const r = req.range(100, { combine: req.headers['x-combine'] === '1' });
  res.json({ got: r === undefined || r === -2 ? 0 : r === -1 ? -1 : r.map((x) => [x.start, x.end]), type: Array.isArray(r) ? r.type : null });
});

// bodies
const echo = (req, res) => res.json({ body: req.body === undefined ? null : req.body });
app.post('/body', json(), urlencoded({ extended: false }), text({ type: 'text/*' }), echo);
app.post('/body-extended', urlencoded({ extended: true }), echo);
app.post('/body-small', json({ limit: 20 }), urlencoded({ limit: 20, extended: false }), echo);
app.post('/body-loose', json({ strict: false }), echo);
app.post('/body-few', urlencoded({ extended: false, parameterLimit: 3 }), echo);
app.post('/body-none', echo);
app.post('/body-types', json({ type: ['application/json', '+json', 'text/x-json'] }), text(), echo);

// files
app.get('/file', (req, res) => res.sendFile('a.txt', { root: publicDir }));
app.get('/file-up', (req, res) => res.sendFile('../requests.mjs', { root: publicDir }));
app.get('/file-dot', (req, res) => res.sendFile('.hidden', { root: publicDir }));
app.get('/file-missing', (req, res) => res.sendFile('missing.txt', { root: publicDir }));
app.get('/download', (req, res) => res.download('a.txt', { root: publicDir }));
app.get('/download-as', (req, res) => res.download('a.txt', 'grüße "x".txt', { root: publicDir }));
app.use('/static', express.static(publicDir));
app.use('/static-strict', express.static(publicDir, { fallthrough: false }));
app.use('/static-opts', express.static(publicDir, {
  dotfiles: 'allow', index: false, maxAge: '1d', immutable: true, redirect: false, extensions: ['html', 'txt'],
  setHeaders: (res) => res.setHeader('X-Static', '1'),
}));
app.use('/static-deny', express.static(publicDir, { dotfiles: 'deny' }));
app.use('/static-bare', express.static(publicDir, { etag: false, lastModified: false, cacheControl: false, acceptRanges: false }));
app.use('/static-indexes', express.static(publicDir, { index: ['none.html', 'dir', 'a.txt', 'index.html'] }));
app.use('/static-index', express.static(publicDir, { index: 'a.txt' }));

// other apps with other settings
const proxied = express();
proxied.disable('x-powered-by');
proxied.set('case sensitive routing', true);
proxied.set('strict routing', true);
proxied.set('trust proxy', 'loopback, 10.0.0.0/8');
proxied.get('/who', (req, res) => res.json({ protocol: req.protocol, secure: req.secure, host: req.host ?? null, hostname: req.hostname ?? null, subdomains: req.subdomains, ip: req.ip, ips: req.ips }));
proxied.set('query parser', 'extended');
proxied.get('/query', (req, res) => res.json(req.query));
proxied.set('json spaces', 2);
proxied.set('json escape', true);
proxied.get('/json', (req, res) => res.json({ a: ['<&>', {}, []], b: { c: 1 } }));
proxied.set('etag', 'strong');
proxied.get('/etag', text_('strong'));
proxied.get('/Exact', text_('exact'));
proxied.set('jsonp callback name', 'cb');
proxied.get('/jsonp', (req, res) => res.jsonp({ a: 1 }));
proxied.set('subdomain offset', 1);

process.on('uncaughtException', (e) => { console.error(e); process.exit(1); });
console.error = () => {};
const first = app.listen(0, '127.0.0.1', () => {
  const second = proxied.listen(0, '127.0.0.1', () =>
    console.log(first.address().port, second.address().port));
});
