// The same on Express and EJS, with its views cached.  PORT DATA VIEWS
import { createRequire } from 'node:module';
import fs from 'node:fs';
const require = createRequire(new URL('../../oracle/package.json', import.meta.url));
const [port, data, views] = process.argv.slice(2);
const app = require('express')();
app.engine('ejs', require('ejs').renderFile);
app.set('env', 'production').set('view cache', true).set('view engine', 'ejs').set('views', views);
app.disable('x-powered-by');
const posts = JSON.parse(fs.readFileSync(data));
app.get('/', (req, res) => res.send('Hello, World!'));
app.get('/page', (req, res) => res.render('page', { posts, title: 'The blog' }));
app.listen(Number(port), '127.0.0.1');
