// What both applications are asked: [method, target, headers, body], and a jar.
const list = [];
const ask = (method, target, headers = {}, body) => list.push({ app: 0, method, target, headers, body });
const get = (target, headers) => ask('GET', target, headers);
const visit = (jar, target, headers = {}) => list.push({ app: 0, method: 'GET', target, headers, jar });

// compression
const encodings = [undefined, 'gzip', 'br', 'deflate', 'gzip, deflate', 'gzip, deflate, br', 'deflate, gzip', 'br;q=0.5, gzip', 'gzip;q=0.5, br;q=0.8', 'gzip;q=0, br;q=0',
  '*', '*;q=0', '*;q=0.5, gzip;q=0.2', 'identity', 'identity;q=0', 'identity, gzip;q=0.5', 'gzip;q=0.5, identity;q=0.9', 'GZIP', 'x-gzip', 'compress', '', 'gzip;q=0.001', 'deflate;q=0.9, gzip;q=0.9, br;q=0.1', 'zstd, gzip'];
for (const encoding of encodings) {
  const headers = encoding === undefined ? {} : { 'Accept-Encoding': encoding };
  get('/compress/big', headers);
  get('/compress/stream', headers);
}
const gzip = { 'Accept-Encoding': 'gzip' };
for (const type of ['text/html', 'text/plain; charset=utf-8', 'TEXT/CSS', 'text/event-stream', 'application/json', 'application/ld+json', 'application/atom+xml', 'application/javascript', 'application/wasm',
  'application/octet-stream', 'application/pdf', 'application/zip', 'application/xml', 'image/png', 'image/svg+xml', 'image/x-icon', 'image/bmp', 'font/ttf', 'font/woff2', 'video/mp4', 'audio/mpeg', 'application/x-unknown', 'x/y+text'])
  get('/compress/type/' + type.replace(/; /, '%3B%20'), gzip);
for (const path of ['small', 'size/1023', 'size/1024', 'size/0', 'untyped', 'no-transform?v=no-transform', 'no-transform?v=public,+no-transform', 'no-transform?v=x-no-transform', 'no-transform?v=max-age%3D1',
  'encoded?v=gzip-ish', 'encoded?v=identity', 'varied', 'json', 'moved', 'none', 'missing']) {
  get('/compress/' + path, gzip);
  get('/compress/' + path);
  ask('HEAD', '/compress/' + path, gzip);
}
for (const path of ['small', 'size/9', 'size/10', 'big', 'big?skip', 'stream?skip', 'type/image/png'])
  get('/compress-opts/' + path, { 'Accept-Encoding': 'gzip, br' });
get('/compress/big', { ...gzip, 'If-None-Match': '*' });
for (const method of ['GET', 'HEAD'])
  for (const headers of [{}, gzip])
    for (const more of [{}, { Range: 'bytes=0-3' }, { 'If-None-Match': '*' }, { 'If-Modified-Since': 'Wed, 21 Oct 2037 07:28:00 GMT' }, { 'Cache-Control': 'no-transform' }])
      ask(method, '/files/a.txt', { ...headers, ...more });

// helmet, cors, favicon, method-override, response-time
get('/helmet');
get('/helmet-opts');
get('/time');
const origins = [{}, { Origin: 'http://a.example' }, { Origin: 'http://b.example' }, { Origin: 'http://c.example' }, { Origin: 'null' }];
for (const base of ['/cors', '/cors-one', '/cors-list', '/cors-any'])
  for (const origin of origins) {
    get(base, origin);
    ask('OPTIONS', base, origin);
    ask('OPTIONS', base, { ...origin, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'X-B, X-C' });
  }
for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE'])
  ask(method, '/favicon.ico');
get('/favicon.ico?v=1');
for (const [method, target, headers] of [['POST', '/override?_method=PUT'], ['POST', '/override?_method=delete'], ['GET', '/override?_method=PUT'], ['POST', '/override'], ['PUT', '/override?_method=DELETE'],
  ['POST', '/override', { 'X-HTTP-Method-Override': 'PATCH' }], ['POST', '/override', { 'X-HTTP-Method-Override': 'nonsense' }], ['POST', '/override?_method=', {}], ['POST', '/override?_method=a%20b', {}]])
  ask(method, target, headers);

ask('POST', '/override', { 'X-HTTP-Method-Override': 'PATCH, DELETE' });
ask('POST', '/override?_method=PUT,DELETE');
ask('POST', '/override', { 'X-HTTP-Method-Override': ['put', 'DELETE'] });
for (const method of ['GET', 'OPTIONS', 'POST']) ask(method, '/cors-any', { Origin: '*' });

// sessions
for (const base of ['/session', '/session-browser', '/session-path', '/session-rolling']) {
  for (const path of ['/', '/set/ann', '/', '/set/ann', '/set/bob', '/', '/in', '/', '/out', '/', '/set/eve', '/'])
    visit(base, base + path);
  get(base + '/', { Cookie: 'sid=s%3Aforged.AAAA' });
  get(base + '/', { Cookie: 'sid=plain' });
  get(base + '/', { Cookie: 'sid=' });
}

// rate limit
for (let i = 0; i < 4; i++) get('/limit');

for (const status of [200, 200, 401, 302, 401, 200, 401]) get('/limit-failed/' + status);
for (const status of [401, 401, 200, 404, 200, 500, 200]) get('/limit-fine/' + status);

export default list;
