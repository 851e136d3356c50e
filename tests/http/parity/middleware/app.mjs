// The application of middleware.c, on Express 5 with npm's middleware.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(new URL('../../../oracle/package.json', import.meta.url));
const express = require('express');
const publicDir = process.argv[2];
process.env.NODE_ENV = 'production';
const app = express();
app.disable('x-powered-by');
const ok = (req, res) => res.send('ok');
const under = (base, ...handlers) => {
  const router = express.Router();
  app.use(base, ...handlers, router);
  return router;
};

// compression
const compression = require('compression');
const big = 'line of text\n'.repeat(400);
function end(res) {
  res.setHeader('Content-Length', big.length);
  res.end(big);
}
function pages(router) {
  router.get('/big', (req, res) => res.send(big));
  router.get('/small', (req, res) => res.send('small'));
  router.get('/size/:n', (req, res) => res.send('x'.repeat(Number(req.params.n))));
  router.get('/type/*type', (req, res) => { res.setHeader('Content-Type', req.params.type.join('/')); end(res); });
  router.get('/untyped', (req, res) => end(res));
  router.get('/no-transform', (req, res) => { res.set('Cache-Control', req.query.v); res.send(big); });
  router.get('/encoded', (req, res) => { res.set('Content-Encoding', req.query.v); res.send(big); });
  router.get('/varied', (req, res) => { res.set('Vary', 'Accept-Language'); res.send(big); });
  router.get('/json', (req, res) => res.json({ text: big }));
  router.get('/moved', (req, res) => res.redirect('/elsewhere'));
  router.get('/none', (req, res) => res.status(204).end());
  router.get('/stream', async (req, res) => {
    res.type('text');
    for (let i = 0; i < 20; i++) res.write(big);
    res.end();
  });
}
pages(under('/compress', compression()));
pages(under('/compress-opts', compression({ threshold: 10, level: 1, filter: (req) => req.query.skip === undefined })));
app.use('/files', compression(), express.static(publicDir));

// helmet, cors, favicon, method-override, response-time
const helmet = require('helmet');
under('/helmet', helmet()).get('/', ok);
under('/helmet-opts', helmet({ xFrameOptions: { action: 'deny' }, referrerPolicy: false, strictTransportSecurity: { maxAge: 60 }, crossOriginEmbedderPolicy: true })).get('/', ok);
const cors = require('cors');
under('/cors', cors()).all('/', ok);
under('/cors-one', cors({ origin: 'http://a.example', credentials: true, exposedHeaders: ['A', 'B'], maxAge: 60, methods: 'GET,PUT', allowedHeaders: ['X-A'] })).all('/', ok);
under('/cors-list', cors({ origin: ['http://a.example', 'http://b.example'], optionsSuccessStatus: 200 })).all('/', ok);
under('/cors-any', cors({ origin: true, preflightContinue: true })).all('/', ok);
const favicon = require('serve-favicon');
app.use(favicon(path.join(publicDir, 'a.txt')));
const override = require('method-override');
under('/override', override('X-HTTP-Method-Override'), override('_method')).all('/', (req, res) => res.send(req.method));
under('/time', require('response-time')()).get('/', ok);

// sessions
console.warn = () => {}; // of a store that is for tests
const session = require('express-session');
function visits(router) {
  router.get('/', (req, res) => res.send(String(req.session.name ?? 'nobody')));
  router.get('/set/:name', (req, res) => { req.session.name = req.params.name; res.send('set'); });
  router.get('/in', (req, res) => { const { name } = req.session; req.session.regenerate(() => { req.session.name = name; res.send('in'); }); });
  router.get('/out', (req, res) => { const { path, domain } = req.session.cookie; req.session.destroy(() => { res.clearCookie('sid', { httpOnly: true, sameSite: 'lax', path, domain }); res.send('out'); }); });
}
const base = { name: 'sid', secret: ['s', 'older'], resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } };
visits(under('/session', session({ ...base, cookie: { sameSite: 'lax', maxAge: 86400000 } })));
visits(under('/session-browser', session(base)));
visits(under('/session-path', session({ ...base, cookie: { sameSite: 'lax', path: '/session-path', domain: 'a.example' } })));
visits(under('/session-rolling', session({ ...base, rolling: true })));

// rate limit
const { rateLimit } = require('express-rate-limit');
under('/limit', rateLimit({ limit: 2, standardHeaders: 'draft-6', legacyHeaders: false, validate: false })).get('/', ok);

const limits = (path, options) => under(path, rateLimit({ limit: 2, standardHeaders: 'draft-6', legacyHeaders: false, validate: false, ...options })).get('/:status', (req, res) => res.sendStatus(Number(req.params.status)));
limits('/limit-failed', { skipSuccessfulRequests: true });
limits('/limit-fine', { skipFailedRequests: true });

console.error = () => {};
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
