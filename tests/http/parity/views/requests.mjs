// What both applications are asked: names of views, tags, and what fails.
const list = [];
const get = (target, headers = {}, method = 'GET') => list.push({ app: 0, method, target, headers });

for (const name of ['page', 'page.ejs', 'sub/part', 'folder', 'folder/index', 'folder/', 'both', 'only', 'only.ejs', 'sub/up', './page', 'sub/../page', 'bare', 'nowhere', 'page.txt', 'other.html', 'sub', 'PAGE', 'broken', 'syntax'])
  get('/view/' + name.replace('..', '%2e%2e'));
for (const name of ['nowhere', 'broken', 'syntax', 'page']) get('/caught/' + name);
get('/locals');
get('/text');
get('/text-missing');
get('/status');
get('/view/page', {}, 'HEAD');
get('/view/page', { 'If-None-Match': '*' });

export default list;
