// What both applications are asked: [app, method, target, headers, body].
import { gzipSync, deflateSync, brotliCompressSync } from 'node:zlib';

const list = [];
const add = (app) => (method, target, headers = {}, body) =>
  list.push({ app, method, target, headers, body });
const ask = add(0);
const other = add(1);
const get = (target, headers) => ask('GET', target, headers);
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };

// routes and parameters
for (const path of ['/', '//', '/?', '/?a=1', '/nope', '/nope?x=<b>', '/NOPE/%3Cscript%3E',
  '/users/1', '/users/1/', '/users/1//', '/users/', '/users', '/USERS/Ab', '/users/a%20b',
  '/users/a%2Fb', '/users/%C3%A9', '/users/%zz', '/users/%E9', '/users/%', '/users/%2', '/users/a+b',
  '/users/1/posts/2', '/users/1/posts/', '/users/a%2Fb/posts/%40', '/users/1/posts/2/3',
  '/files/a', '/files/a/b/c', '/files/a/b%2Fc/d', '/files/', '/files', '/files//x', '/files/a/', '/files/%zz/x',
  '/mid/a/end', '/mid/a/b/end', '/mid/end', '/mid/end/end', '/mid/a/end/end', '/mid/a/end/',
  '/opt', '/opt/', '/opt/7', '/opt/7/', '/opt/7/8', '/opt2', '/opt2/1', '/opt2/1/2', '/opt2/1/2/3',
  '/f/a.b', '/f/a.b.c', '/f/a.', '/f/.b', '/f/a', '/f/a..b', '/f/...',
  '/range/1-2', '/range/1-2-3', '/range/-', '/range/--', '/range/---', '/range/a-',
  '/v1.2', '/v1.2.3', '/v.', '/v1', '/vx.y/',
  '/quoted/x', '/esc:aped', '/ESC:APED', '/prefix', '/pre', '/pre/x', '/prea/b',
  '/two/1/x/2', '/two/1/2/x/3/4', '/two/x/x/x', '/two/1/x/2/x/3', '/two/x/',
  '/case/mixed', '/Case/Mixed', '/CASE/MIXED/', '/slash', '/slash/', '/slash//',
  '/next', '/next-route', '/next-router', '/mw', '/mw/', '/mw/below', '/mw/only', '/mw/only/deep/er?q=1', '/mwx',
  '/rewrite', '/rewrite/any', '/org/acme', '/org/acme/', '/org/acme/item/3', '/org/a%20b/item/x%2Fy', '/org/%zz/item/1',
  '/plain/acme/item/3', '/deep/deeper/leaf', '/deep/deeper/leaf/', '/deep/deeper', '/DEEP/Deeper/LEAF?x=1',
  '/strict/Foo', '/strict/foo', '/strict/Foo/', '/strict/bar/', '/strict/bar',
  '/param/1', '/param/bad', '/param/skip', '/param/a%20b', '/param/leave', '/param/router', '/param/1/1', '/param/1/2', '/param/bad/1', '/param/1/bad', '/param/skip/1', '/param/leave/leave'])
  get(path);
for (const [method, path] of [['POST', '/users'], ['PUT', '/users/1'], ['PATCH', '/users/1'], ['DELETE', '/users/1'],
  ['POST', '/users/1'], ['GET', '/all'], ['POST', '/all'], ['DELETE', '/all'], ['OPTIONS', '/all'], ['HEAD', '/all'],
  ['GET', '/multi'], ['POST', '/multi'], ['PUT', '/multi'], ['OPTIONS', '/multi'], ['OPTIONS', '/users/1'], ['OPTIONS', '/users'],
  ['OPTIONS', '/nope'], ['OPTIONS', '/'], ['OPTIONS', '/org/acme/only/get'], ['OPTIONS', '/ownoptions'], ['OPTIONS', '/deep/deeper/leaf'],
  ['HEAD', '/'], ['HEAD', '/users/1'], ['HEAD', '/nope'], ['HEAD', '/headonly'], ['GET', '/headonly'], ['HEAD', '/send/utf8'],
  ['HEAD', '/json/object'], ['HEAD', '/redirect'], ['HEAD', '/static/a.txt'], ['PURGE', '/all'], ['PROPFIND', '/nope'], ['SEARCH', '/all'],
  ['DELETE', '/'], ['PUT', '/nope?x=1']])
  ask(method, path);
for (const method of ['PUT', 'POST', 'OPTIONS']) ask(method, '/users/%zz'); // no route is for the second
ask('POST', '/opt/%zz');
for (const method of ['PUT', 'PATCH', 'TRACE', 'PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'QUERY', 'LINK', 'UNLINK'])
  for (const path of ['/all', '/multi', '/nope'])
    ask(method, path);

for (const path of ['/users/1#x', '/users/a#b/posts/2', '/nope#x?a=1', '/query?a=1#b', '/static/a.txt#x', '/#'])
  get(path);
ask('POST', '/body', { ...json, 'Content-Encoding': '' }, '{"a":1}');
for (const value of ['a-miracle', '101-continue', ''])
  get('/', { Expect: value });
get('/', { Cookie: 'a=' + 'x'.repeat(8192) });

// errors
for (const path of ['/fail/400', '/fail/404', '/fail/418', '/fail/500', '/fail/503', '/fail/599', '/fail/399', '/fail/600', '/fail/200',
  '/fail-late', '/failing/a', '/failing/b', '/failing/c', '/failing/d'])
  get(path);

// answers
for (const path of ['html', 'empty', 'utf8', 'buffer', 'typed', 'xml', 'svg', 'charset', 'etag', 'modified'])
  get('/send/' + path);
for (const code of [200, 201, 204, 205, 304, 400, 404, 418, 500, 599]) {
  get('/send/status/' + code);
  get('/send/with/' + code);
}
for (const path of ['object', 'array', 'empty', 'null', 'string', 'number', 'typed', 'status'])
  get('/json/' + path);
for (const query of ['', '?callback=cb', '?callback=a.b[0]', '?callback=a;alert(1)', '?callback=', '?callback=x&callback=y', '?callback=%3C/script%3E'])
  get('/jsonp' + query);
get('/end');
for (const accept of [undefined, 'text/html', 'text/plain', 'application/json', '*/*', 'text/*;q=0.5, text/html;q=0.1'])
  for (const path of ['/redirect', '/redirect/301', '/format', '/format-default'])
    get(path, accept ? { Accept: accept } : {});
for (const path of ['/redirect/303', '/redirect/307', '/redirect/308', '/redirect-back', '/redirect-utf8', '/redirect-crlf',
  '/redirect-percent', '/location', '/vary', '/vary-star', '/links', '/append', '/set-remove', '/attachment', '/attachment/a.pdf',
  '/attachment/a%20b.txt', '/attachment/%E2%82%AC.html', '/attachment/a%22b.txt', '/attachment/noext', '/attachment/..%2F..%2Fx.png',
  '/type/html', '/type/json', '/type/png', '/type/.css', '/type/js', '/type/unknown-thing', '/type/text%2Fplain', '/type/xml', '/type/woff2',
  '/cookies/set', '/cookies/clear'])
  get(path);
get('/redirect', { Referer: '/from' });
get('/format', { Accept: 'application/*, text/plain;q=0.1' });
get('/format', { Accept: 'image/png' });
get('/format', { Accept: 'text/html;q=0' });

// conditional requests
for (const headers of [{ 'If-None-Match': '"mine"' }, { 'If-None-Match': 'W/"mine"' }, { 'If-None-Match': '"other", "mine"' },
  { 'If-None-Match': '*' }, { 'If-None-Match': '"other"' }, { 'If-None-Match': '"mine"', 'Cache-Control': 'no-cache' }])
  get('/send/etag', headers);
for (const headers of [{ 'If-Modified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT' }, { 'If-Modified-Since': 'Wed, 21 Oct 2015 07:27:59 GMT' },
  { 'If-Modified-Since': 'nonsense' }, { 'If-Modified-Since': 'Thu, 22 Oct 2015 07:28:00 GMT', 'If-None-Match': '"z"' }])
  get('/send/modified', headers);
ask('POST', '/users', { 'If-None-Match': '*' });

// requests
for (const query of ['', 'a=1', 'a=1&a=2', 'a=1&a=2&a=3', 'a[b]=1', 'a[]=1&a[]=2', 'a', 'a=', '=b', '=', '&', '&&a=1&&', 'a=%20+b', 'a=%zz', 'a=%E9',
  'a=%C3%A9', '%61=1', 'a==b', 'a=b=c', '__proto__=1', 'constructor=x', 'hasOwnProperty=1', 'a=%2', 'a=%25', 'a;b=1', 'a=1;b=2', 'a.b=1', 'a=%F0%9F%98%80', '?a=1'])
  get('/query' + (query ? '?' + query : ''));
for (const query of ['a[b]=1', 'a[b][c]=1', 'a[]=1&a[]=2', 'a[0]=x&a[1]=y', 'a[1]=y&a[0]=x', 'a[5]=x', 'a[20]=x', 'a[21]=x', 'a[25]=x', 'a[b][c][d][e][f][g]=1',
  'a[b][c][d][e][f][g][h]=1', 'a=1&a[b]=2', 'a[b]=1&a=2', 'a[b]=1&a[c]=2', 'a[0]=1&a[b]=2', 'a[]=1&a[b]=2', '[a]=1', '[]=1', '[]=1&[]=2', '[0]=1', 'a[', 'a[b', 'a]b=1', 'a[[]=1', '[[]=1',
  'a[__proto__][x]=1', '__proto__[x]=1', 'constructor[prototype][x]=1', 'a[b]', 'a[b]=', 'a%5Bb%5D=1', 'a[%5B]=1', 'a=%zz', 'a=%E9', 'a+b=c+d', 'a[]=&a[]=', 'a[0][b]=1&a[0][c]=2', 'a[0]=&a[1]=x',
  'a[-1]=x', 'a[01]=x', 'a[+1]=x', 'a.b=1', 'a,b=1,2', 'a[b]=1&a[b]=2', 'a[b][]=1&a[b][]=2', 'a[][b]=1&a[][c]=2', 'a=1&b[]=2&c[d]=3', 'a&b&c', 'a[b]]=1', 'a=b]=c', 'toString=1', 'a[toString]=1', 'x[1]=a&x[3]=b'])
  other('GET', '/query?' + query);
for (const accept of [undefined, '*/*', 'text/html', 'application/json', 'text/*', 'text/plain, application/json;q=0.9', 'text/html;q=0.3, application/json;q=0.8',
  'image/png', 'text/html;level=1', 'application/*;q=0.2, */*;q=0.1', 'TEXT/HTML', '', 'garbage', 'text/html;q=0, */*', 'text/plain;q=0.5, text/html;q=0.5'])
  for (const path of ['/accepts', '/accepts2'])
    get(path, accept === undefined ? {} : { Accept: accept });
for (const value of [undefined, 'utf-8', 'iso-8859-1', '*', 'utf-8;q=0.1, iso-8859-1', 'koi8-r', 'utf-8;q=0'])
  get('/charsets', value ? { 'Accept-Charset': value } : {});
for (const value of [undefined, 'gzip', 'br', 'gzip, br', 'gzip;q=1, br;q=0.5', '*', 'identity;q=0', 'gzip;q=0', '*;q=0', 'deflate', 'identity', 'gzip;q=0.5, *;q=0.1'])
  get('/encodings', value ? { 'Accept-Encoding': value } : {});
for (const value of [undefined, 'en', 'de', 'de-AT', 'de-DE', 'fr;q=0.9, en;q=0.8', 'en-US', 'es', '*', 'es, *;q=0.1', 'fr, en;q=0', 'de, en-US', 'en-US, de'])
  get('/languages', value ? { 'Accept-Language': value } : {});
for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
  'application/ld+json', 'nonsense', 'TEXT/HTML'])
  ask('POST', '/is', { 'Content-Type': type }, 'x');
ask('GET', '/is', { 'Content-Type': 'application/json' });
for (const headers of [{}, { Host: 'tobi.ferrets.example.com:8080' }, { Host: '[::1]:3000' }, { Host: '127.0.0.1' }, { 'X-Requested-With': 'XMLHttpRequest' },
  { 'X-Forwarded-For': '1.2.3.4', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' }])
  get('/who', { Host: 'example.com', ...headers });
for (const headers of [{}, { 'X-Forwarded-For': '1.2.3.4' }, { 'X-Forwarded-For': '1.2.3.4, 10.1.2.3' }, { 'X-Forwarded-For': '1.2.3.4, 8.8.8.8, 10.1.2.3' },
  { 'X-Forwarded-Proto': 'https' }, { 'X-Forwarded-Proto': 'https, http' }, { 'X-Forwarded-Host': 'a.b.example.com, other' }, { Host: 'a.b.c.example.com' }, { Host: 'localhost' }])
  other('GET', '/who', { Host: 'example.com', ...headers });
get('/header', { Referer: 'r', 'X-Many': ['1', '2'], 'User-Agent': 'ua' });
get('/header', { Referrer: 'rr' });
for (const range of ['bytes=0-0', 'bytes=0-9', 'bytes=90-', 'bytes=-10', 'bytes=-1000', 'bytes=99-200', 'bytes=100-', 'bytes=5-1', 'bytes=', 'bytes=a-b', 'items=0-1', 'bytes=0-1,5-6', 'bytes=0-1,200-300', 'bytes=5-6,0-1', 'bytes=0-4,3-9',
  'bytes=0-1, 2-3', 'bytes=-0', '0-1', 'bytes=0-1,2-3,4-5']) {
  get('/ranges', { Range: range });
  get('/ranges', { Range: range, 'X-Combine': '1' });
}

// bodies
for (const body of ['', '{}', '[]', '{"a":1}', ' {"a" : [1, 2.5, -3e2, true, false, null, "x"]} ', '"str"', '42', 'null', '{"a":1,"a":2}', '{"a":1}}', '{a:1}', '{"a":01}', '{"a":1.}',
  '[1,]', '{"a":NaN}', '["\\ud83d\\ude00"]', '["\\u00e9\\/\\n"]', '["tab\there"]', '{"a":1', '[', '{"__proto__":1}', '\ufeff{"a":1}', '[1e400]', '[123456789012345678]', '{"":1}', '[0.1,1e21,1e-7,100]', '[-0]'])
  ask('POST', '/body', json, body);
for (const body of ['"str"', '42', 'null', 'true', '', '{'])
  ask('POST', '/body-loose', json, body);
ask('POST', '/body', { 'Content-Type': 'application/json; charset=utf-8' }, '{"a":"é"}');
ask('POST', '/body', { 'Content-Type': 'application/json; charset=koi8-r' }, '{"a":1}');
ask('POST', '/body', { 'Content-Type': 'application/problem+json' }, '{"a":1}');
ask('POST', '/body', { 'Content-Type': 'text/plain' }, 'some text');
ask('POST', '/body', { 'Content-Type': 'text/html' }, '<p>');
ask('POST', '/body', { 'Content-Type': 'application/octet-stream' }, 'bytes');
ask('POST', '/body', {}, 'untyped');
for (const body of ['a=1', 'a=1&a=2', 'a[b]=1', 'a=b+c%20d', 'a', '=', 'a=%zz', 'a=%E9', '', '__proto__=1', 'a=1&b=&c'])
  ask('POST', '/body', form, body);
ask('POST', '/body', { 'Content-Type': 'application/x-www-form-urlencoded; charset=koi8-r' }, 'a=1');
for (const body of ['a[b]=1', 'a[]=1&a[]=2', 'user[name]=x&user[tags][]=1&user[tags][]=2', 'a=1&a=2', 'a[b][c][d][e][f][g][h]=1', 'a' + '[b]'.repeat(33) + '=1', 'a' + '[b]'.repeat(32) + '=1', 'a[0]=x&a[2]=y', '__proto__[x]=1'])
  ask('POST', '/body-extended', form, body);
ask('POST', '/body-few', form, 'a=1&b=2&c=3');
ask('POST', '/body-few', form, 'a=1&b=2&c=3&d=4');
ask('POST', '/body-small', form, 'a=' + 'x'.repeat(18));
ask('POST', '/body-small', form, 'a=' + 'x'.repeat(19));
ask('POST', '/body-small', json, '{"a":"12345678901"}');
ask('POST', '/body-small', json, '{"a":"1234567890123"}');
ask('POST', '/body-none', json, '{"a":1}');
for (const type of ['application/json', 'application/vnd.api+json', 'application/ld+json; charset=utf-8', 'application/problem+json; charset=koi8-r', 'text/x-json', 'text/plain', 'application/jsonx', 'application/json5'])
  ask('POST', '/body-types', { 'Content-Type': type }, '{"a":1}');
for (const [name, pack] of [['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync]]) {
  ask('POST', '/body', { ...json, 'Content-Encoding': name }, pack('{"a":"packed"}'));
  ask('POST', '/body', { ...json, 'Content-Encoding': name }, 'not packed');
  ask('POST', '/body-small', { ...json, 'Content-Encoding': name }, pack('{"a":"' + 'x'.repeat(500) + '"}'));
}
ask('POST', '/body', { ...json, 'Content-Encoding': 'nonsense' }, '{}');
ask('POST', '/body', { ...json, 'Content-Encoding': 'identity' }, '{"a":1}');
ask('POST', '/body', { ...json, chunked: true }, '{"a":"chunked"}');

// charsets
const bytes = (...list) => Buffer.from(list);
const utf16 = (text, big) => { const b = Buffer.from(text, 'utf16le'); return big ? b.swap16() : b; };
for (const charset of ['utf-8', 'UTF-8', 'utf8', '"utf-8"', 'utf-16', 'utf-16le', 'utf-16be', 'iso-8859-1', 'latin1', 'us-ascii', 'koi8-r', 'utf-nonsense', '', 'utf-32', '\\x', '../x'])
  ask('POST', '/body', { 'Content-Type': `application/json; charset=${charset}` }, /16be/.test(charset) ? utf16('{"a":"é✓"}', true) : /16/.test(charset) ? utf16('{"a":"é✓"}') :
    /32/.test(charset) ? Buffer.from([...'{"a":"é✓😀"}'].flatMap((c) => { const n = c.codePointAt(0); return [n & 255, n >> 8 & 255, n >> 16, 0]; })) : '{"a":"é✓"}');
for (const mark of [true, false])
  for (const big of [true, false])
    ask('POST', '/body', { 'Content-Type': 'application/json; charset=utf-16' }, utf16((mark ? '\ufeff' : '') + '{"a":"é✓😀"}', big));
ask('POST', '/body', json, Buffer.concat([Buffer.from('{"a":"'), bytes(0xE9, 0xFF), Buffer.from('"}')]));
for (const charset of ['utf-8', 'utf8', 'iso-8859-1', 'ISO-8859-1', 'latin1', 'koi8-r', 'nonsense']) {
  const type = { 'Content-Type': `application/x-www-form-urlencoded; charset=${charset}` };
  ask('POST', '/body', type, 'a=%E9&b=%C3%A9&c=%&%E9=%2');
  ask('POST', '/body', type, Buffer.concat([Buffer.from('a='), bytes(0xE9, 0x80), Buffer.from('+b')]));
  ask('POST', '/body-extended', type, 'a[%E9]=%FF');
}
for (const [charset, body] of [['utf-8', bytes(0x61, 0xE9, 0x62)], ['utf-8', bytes(0xEF, 0xBB, 0xBF, 0x61)], ['iso-8859-1', bytes(0xE9, 0x80, 0xFF)], ['latin1', bytes(0xE9)], ['windows-1252', bytes(0x80, 0x93, 0xE9)],
  ['koi8-r', bytes(0xC1, 0xC2, 0xD7)], ['shift_jis', bytes(0x82, 0xA0, 0x83, 0x5C)], ['gbk', bytes(0xC4, 0xE3, 0xBA, 0xC3)], ['gb18030', bytes(0xC4, 0xE3, 0x81, 0x30, 0x81, 0x30)], ['big5', bytes(0xA7, 0x41)],
  ['euc-kr', bytes(0xB0, 0xA1)], ['euc-jp', bytes(0xA4, 0xA2)], ['utf-16le', utf16('é✓😀')], ['utf-16be', utf16('é✓😀', true)], ['utf-16', utf16('\ufeffa', true)], ['us-ascii', bytes(0x61, 0xE9)],
  ['iso-8859-15', bytes(0xA4)], ['macintosh', bytes(0x8E)], ['utf-16le', bytes(0x61)], ['utf-16le', bytes(0x00, 0xD8, 0x61, 0x00)], ['shift_jis', bytes(0x82)], ['nonsense', bytes(0x61)], ['utf-8;x=y', bytes(0x61)], ['iso-8859-1', bytes()]])
  ask('POST', '/body', { 'Content-Type': `text/plain; charset=${charset}` }, body);
ask('POST', '/body', { 'Content-Type': 'text/plain; xcharset=koi8-r; charset=iso-8859-1' }, bytes(0xE9));

// files
for (const path of ['/file', '/file-up', '/file-dot', '/file-missing', '/download', '/download-as'])
  get(path);
for (const path of ['a.txt', 'A.TXT', 'index.html', '', '/', '/dir', '/dir/', '/dir?x=1', '/dir/index.html', '/.hidden', '/.dotdir/x.txt', '/missing', '/a.txt/', '/LICENSE', '/empty.txt', '/app.js', '/data.json', '/page', '/page.html', '/b',
  '/sp%20ace/f%20ile.txt', '/%61.txt', '/../requests.mjs', '/%2e%2e/requests.mjs', '/..%2frequests.mjs', '/..%5crequests.mjs', '/%252e%252e/x', '/dir/../a.txt', '/dir/%2e%2e/a.txt', '/%zz', '/%c0%ae%c0%ae/x', '//a.txt', '//dir', '/./a.txt', '/dir//index.html', '/a.txt?v=1', '/empty', '/empty/'])
  for (const base of ['/static', '/static-strict', '/static-opts', '/static-deny'])
    get(base + (path && path[0] !== '/' ? '/' : '') + path);
for (const path of ['/static-bare/a.txt', '/static-bare/', '/static-index/', '/static-index', '/static-index/dir/', '/static-indexes/', '/static-indexes/dir/', '/static-indexes/sp%20ace/'])
  get(path);
for (const method of ['POST', 'PUT', 'OPTIONS', 'DELETE'])
  for (const base of ['/static', '/static-strict'])
    ask(method, base + '/a.txt');
for (const range of ['bytes=0-4', 'bytes=-4', 'bytes=5-', 'bytes=0-0', 'bytes=100-200', 'bytes=0-1,4-5', 'items=0-1', 'bytes=4-1', 'bytes=0-', 'bytes=abc', 'bytes=0-3,2-6']) {
  get('/static/a.txt', { Range: range });
  ask('HEAD', '/static/a.txt', { Range: range });
}
get('/static-bare/a.txt', { Range: 'bytes=0-4' });
get('/static/empty.txt', { Range: 'bytes=0-1' });
get('/static/a.txt', { Range: 'bytes=0-4', 'If-Range': '"nope"' });
get('/static/a.txt', { Range: 'bytes=0-4', 'If-Range': 'Wed, 21 Oct 2037 07:28:00 GMT' });
get('/static/a.txt', { Range: 'bytes=0-4', 'If-Range': 'Wed, 21 Oct 2015 07:28:00 GMT' });
for (const headers of [{ 'If-None-Match': '*' }, { 'If-None-Match': '"x"' }, { 'If-Match': '"x"' }, { 'If-Match': '*' }, { 'If-Unmodified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT' },
  { 'If-Unmodified-Since': 'Wed, 21 Oct 2037 07:28:00 GMT' }, { 'If-Modified-Since': 'Wed, 21 Oct 2037 07:28:00 GMT' }, { 'If-Modified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT' },
  { 'If-Modified-Since': 'Wed, 21 Oct 2037 07:28:00 GMT', 'Cache-Control': 'no-cache' }])
  get('/static/a.txt', headers);

// corners: many and long, empty and odd
get('/users/' + 'x'.repeat(4000));
get('/files/' + 'a/'.repeat(1500) + 'b');
get('/query?' + 'a=1&'.repeat(1500));
other('GET', '/query?' + Array.from({ length: 1100 }, (_, i) => `k${i % 10}=${i % 10}`).join('&'));
for (const query of ['a[0][0]=1', 'a[][]=1', 'a[]=1&a=2', 'a=1&a[0]=2', 'a[a]=1&a[0]=2', 'foo[0][bar]=b&foo[bad]=a', 'a=%5B%5D', '%5Ba%5D=1', 'a[b%5D=1', 'a[[b]]=1', 'a[]b=1', 'a[b]c[d]=1', 'a[0]=&a[1]', 'a[2]=1&a[1]=2&a[0]=3',
  'a[0x1]=1', 'a[1e1]=1', 'a[length]=5', 'valueOf=1&a[valueOf]=2', 'hasOwnProperty[x]=1', '__proto__[]=1', 'a[b][__proto__][c]=1', '&=&', '=1&=2', 'a:b=1', "a'=1", 'a=%26%3D', 'a%3Db=c']) {
  get('/query?' + query);
  other('GET', '/query?' + query);
  ask('POST', '/body', form, query);
  ask('POST', '/body-extended', form, query);
}
for (const n of [99, 100, 101]) ask('POST', '/body-extended', form, `a[${n}]=1`);
for (const n of [1000, 1001]) ask('POST', '/body', form, Array(n).fill('a').join('&'));
for (const n of [102400, 102401]) {
  ask('POST', '/body', form, 'a=' + 'x'.repeat(n - 2));
  ask('POST', '/body', { ...json, chunked: true }, '["' + 'x'.repeat(n - 4) + '"]');
}
for (const host of ['A.B.C', 'a.b.c.', 'a..b', 'a:', '[::1]:', '1.2.3.4:5']) get('/who', { Host: host });
for (const header of ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host'])
  for (const value of ['', ' ', ',', 'garbage', '[::1]', '::ffff:10.0.0.1', '10.0.0.1, 10.0.0.2', '2001:db8::1, 10.0.0.1']) other('GET', '/who', { [header]: value });
other('GET', '/who', { 'X-Forwarded-For': ['1.1.1.1', '10.0.0.1'] });
get('/who', { 'X-Requested-With': 'xmlhttprequest \t' });
get('/header', { Referer: 'a', Referrer: 'b' });
get('/header', { 'X-Many': ['', ''], 'User-Agent': ['a', 'b'], Referer: ['c', 'd'] });
for (const tag of ['W/"mine", "x"', '"x",W/"mine"', '"mine" , "x"', 'mine', '"mine', '', '* ', '*, "x"', '"MINE"']) get('/send/etag', { 'If-None-Match': tag });
for (const control of ['max-age=0,no-cache', 'x-no-cache', 'no-cache=x']) get('/send/etag', { 'If-None-Match': '"mine"', 'Cache-Control': control });
for (const date of ['Wednesday, 21-Oct-15 07:28:00 GMT', 'Wed Oct 21 07:28:00 2015', 'Wed, 32 Oct 2015 07:28:00 GMT', 'Wed, 21 Oct 2015 24:28:00 GMT', '1445412480', '']) {
  get('/send/modified', { 'If-Modified-Since': date });
  get('/static/a.txt', { 'If-Unmodified-Since': date });
  get('/static/a.txt', { 'If-Range': date, Range: 'bytes=0-1' });
}
for (const accept of ['text/html;q=abc', 'text/html;q=1.5', 'text/html,,application/json', ',', 'text', 'text/', '*', '*/html', 'text/html;charset="a,b"', 'text/html;level=1;q=0.2, text/html;q=0.8']) get('/accepts', { Accept: accept });
for (const path of ['/users/.', '/users/%2E%2E', '/users/%F0%9F%98%80', '/users/%C0%80', '/users/a;b', '//users/1', '/users//1', '/opt//7', '/files//a//b', '/mid//end', '/f/a%2eb', '/pre%2F', '/deep//deeper/leaf', '/org//item/1', '/mw//below', '/mw%2Fbelow',
  '/attachment/%F0%9F%98%80.png', '/attachment/a%2520b', '/attachment/a%2520%20%22b', '/attachment/100%25.txt', '/attachment/a%0Ab.txt', '/attachment/a%5Cb.txt', '/attachment/a.tar.gz', '/type/text%2Fcsv%3B%20header%3Dpresent', '/type/jsonld', '/type/application%2Fld%2Bjson'])
  get(path);
for (const path of ['/static/', '/static/dir', '/static-strict/..%2f', '/download', '/jsonp', '/redirect/301', '/cookies/set', '/format', '/send/with/205', '/fail/500', '/failing/c', '/param/bad'])
  ask('HEAD', path);

// other settings
for (const path of ['/json', '/etag', '/Exact', '/exact', '/Exact/', '/jsonp?cb=f', '/jsonp?callback=f'])
  other('GET', path);

export default list;
