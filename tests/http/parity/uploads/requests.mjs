// What both applications are asked: multipart bodies, right and wrong.
const list = [];
const B = 'BOUNDARY';
const type = (extra = `; boundary=${B}`) => ({ 'Content-Type': `multipart/form-data${extra}` });
const post = (target, body, headers = type()) => list.push({ app: 0, method: 'POST', target, headers, body });

const part = (head, value = '') => `--${B}\r\n${head}\r\n\r\n${value}\r\n`;
const field = (name, value = '') => part(`Content-Disposition: form-data; name="${name}"`, value);
const file = (name, filename, data = 'data', mime = 'text/plain') =>
  part(`Content-Disposition: form-data; name="${name}"; filename="${filename}"${mime ? `\r\nContent-Type: ${mime}` : ''}`, data);
const form = (...parts) => parts.join('') + `--${B}--\r\n`;

const forms = {
  nothing: form(), oneField: form(field('a', '1')), twoFields: form(field('a', '1'), field('b', 'é✓')), same: form(field('a', '1'), field('a', '2'), field('a', '3')),
  nested: form(field('a[b]', '1'), field('a[c][]', '2'), field('a[c][]', '3')), array: form(field('a[]', '1'), field('a[]', '2')), indexed: form(field('a[0]', 'x'), field('a[2]', 'z')),
  proto: form(field('__proto__', '1'), field('constructor', '2')), protoNested: form(field('a[__proto__][x]', '1')), mixed: form(field('a', '1'), field('a[b]', '2')),
  empty: form(field('', 'x')), emptyValue: form(field('a', '')), lines: form(field('a', 'one\r\ntwo\n\r\n--BOUNDAR')), long: form(field('abcdefgh', '1')), value: form(field('a', '123456')),
  picture: form(file('picture', 'a.png', 'PNG', 'image/png')), untyped: form(file('picture', 'a.bin', 'x', '')), twoPictures: form(file('picture', 'a.png'), file('picture', 'b.png')),
  other: form(file('other', 'a.png')), withFields: form(field('a', '1'), file('picture', 'a.png'), field('b', '2')), noName: form(file('picture', '', '')),
  pictures: form(file('pictures', 'a'), file('pictures', 'b')), threePictures: form(file('pictures', 'a'), file('pictures', 'b'), file('pictures', 'c')),
  ab: form(file('a', '1'), file('b', '2'), file('b', '3')), aab: form(file('a', '1'), file('a', '2')), bbb: form(file('b', '1'), file('b', '2'), file('b', '3')),
  path: form(file('picture', '../../etc/passwd')), back: form(file('picture', 'C:\\\\dir\\\\a.png')), utf8: form(file('picture', 'grüße.png')), quoted: form(file('picture', 'a\\"b.png')),
  html: form(file('picture', 'a.html', 'x', 'text/html')), kinds: form(file('p', 'a.png', 'x', 'image/png'), file('p', 'a.txt', 'x')), large: form(file('p', 'a', '12345678901')), exact: form(file('p', 'a', '1234567890')),
  three: form(file('p', 'a'), file('q', 'b'), file('r', 'c')), fields3: form(field('a', '1'), field('b', '2'), field('c', '3')), parts4: form(field('a', '1'), file('p', 'x'), field('c', '3'), file('q', 'y')),
  binary: form(file('picture', 'a.bin', '\u0000\u0001\u007f\r\n\r\n--BOUNDAR\r\n--', 'application/octet-stream')), emptyFile: form(file('picture', 'a.txt', '')),
  encoding: form(part('Content-Disposition: form-data; name="picture"; filename="a"\r\nContent-Transfer-Encoding: base64', 'QUJD')), upper: form(part('CONTENT-DISPOSITION: FORM-DATA; NAME="a"', '1')),
  noDisposition: form(part('Content-Type: text/plain', '1')), notFormData: form(part('Content-Disposition: attachment; name="a"', '1')), unquoted: form(part('Content-Disposition: form-data; name=a', '1')),
  star: form(part("Content-Disposition: form-data; name=\"picture\"; filename*=utf-8''gr%C3%BC%C3%9Fe.txt", 'x')), preamble: 'preamble\r\n' + form(field('a', '1')), epilogue: form(field('a', '1')) + 'epilogue',
};
for (const target of ['/single', '/array', '/fields', '/none', '/any', '/filter', '/size', '/files', '/names', '/values', '/count', '/parts'])
  for (const body of Object.values(forms)) post(target, body);

for (const name of ['a', 'a[b]', 'a[b][c]', 'a[b][c][d]', 'a[b][c][]', 'a[b][][]']) post('/nesting', form(field(name, '1')));
for (const name of ['a', 'a[b]', 'a[]', 'a[0]', 'a[6]', 'a[06]', 'a[5][6]', 'a[6][b]', 'a[b][6]', 'a[6][]', 'a[99999999999999999999]', 'a[-6]', 'a[6.0]', 'a[ 6]']) post('/index', form(field(name, '1')));

// what is no whole multipart body
for (const [body, headers] of [['', type()], ['x', type()], [field('a', '1'), type()], [form(field('a', '1')).slice(0, -6), type()], [`--${B}\r\nContent-Disposition: form-data; name="a"`, type()],
  [form(field('a', '1')), type('')], [form(field('a', '1')), type('; boundary=OTHER')], [form(field('a', '1')), type(`; boundary="${B}"`)], [form(field('a', '1')), type(`; charset=utf-8; boundary=${B}`)]])
  post('/any', body, headers);
list.push({ app: 0, method: 'POST', target: '/any', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' });

export default list;
