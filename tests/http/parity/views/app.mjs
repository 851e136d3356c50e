// The application of views.c, on Express 5 with EJS 7.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const require = createRequire(new URL('../../../oracle/package.json', import.meta.url));
const express = require('express');
const here = path.dirname(fileURLToPath(import.meta.url));
process.env.NODE_ENV = 'production';
const app = express();
app.disable('x-powered-by');
app.set('view engine', 'ejs');
app.set('views', [path.join(here, 'first'), path.join(here, 'second')]);
Object.assign(app.locals, { title: 'Views', app: 'app', res: 'app', call: 'app' });
app.use((req, res, next) => { Object.assign(res.locals, { res: 'res', call: 'res' }); next(); });
app.get('/locals', (req, res) => res.render('locals', { call: 'call' }));
app.get('/text', (req, res) => res.render('locals', { call: 'text' }, (err, text) => res.json({ text, after: res.locals.call })));
app.get('/text-missing', (req, res, next) => res.render('nowhere', (err) => next(Object.assign(err, { status: 503 }))));
app.use('/text-missing', (err, req, res, next) => res.status(503).send('not found'));
app.get('/status', (req, res) => { res.status(201).type('txt'); res.render('bare'); });
app.get('/view/*name', (req, res) => res.render(req.params.name.join('/')));
app.get('/caught/*name', (req, res) => res.render(req.params.name.join('/')));
app.use('/caught', (err, req, res, next) => res.status(503).send(err.message.includes('Failed to lookup view "nowhere" in views directories "') ? 'not found' : err.name));
console.error = () => {};
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
