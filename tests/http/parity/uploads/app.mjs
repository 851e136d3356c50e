// The application of uploads.c, on Express 5 with multer.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../oracle/package.json', import.meta.url));
const express = require('express'), multer = require('multer');
process.env.NODE_ENV = 'production';
const app = express();
app.disable('x-powered-by');

// Files in the order of the fields' names: multer groups them for fields().
function show(req, res) {
  const files = req.file ? [req.file] : Array.isArray(req.files) ? req.files : Object.values(req.files ?? {}).flat();
  files.sort((a, b) => (a.fieldname < b.fieldname ? -1 : a.fieldname > b.fieldname ? 1 : 0));
  res.json({
    body: req.body ?? null,
    files: files.map((f) => ({ field: f.fieldname, name: f.originalname, type: f.mimetype, encoding: f.encoding, size: f.size, data: f.buffer.toString('latin1') })),
  });
}
const storage = multer.memoryStorage();
const take = (path, options, choose) => app.post(path, choose(multer({ storage, ...options })), show);

take('/single', {}, (m) => m.single('picture'));
take('/array', {}, (m) => m.array('pictures', 2));
take('/fields', {}, (m) => m.fields([{ name: 'a', maxCount: 1 }, { name: 'b', maxCount: 2 }]));
take('/none', {}, (m) => m.none());
take('/any', {}, (m) => m.any());
take('/filter', { fileFilter: (req, file, done) => (file.mimetype === 'text/html' ? done(Object.assign(new Error('no pages'), { code: 'PAGE', status: 400 })) : done(null, file.mimetype === 'image/png')) }, (m) => m.any());
take('/size', { limits: { fileSize: 10 } }, (m) => m.any());
take('/files', { limits: { files: 2 } }, (m) => m.any());
take('/names', { limits: { fieldNameSize: 5 } }, (m) => m.any());
take('/values', { limits: { fieldSize: 5 } }, (m) => m.any());
take('/count', { limits: { fields: 2 } }, (m) => m.any());
take('/parts', { limits: { parts: 3 } }, (m) => m.any());
take('/nesting', { limits: { fieldNestingDepth: 2 } }, (m) => m.any());
take('/index', { limits: { fieldArrayIndexLimit: 5 } }, (m) => m.any());
app.use((err, req, res, next) => res.status(400).send(err.code ?? 'malformed'));
console.error = () => {};
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
