// The least that Node can do with a request: the limit of everything that is served over HTTP here.

import { createServer } from 'node:http';

const body = Buffer.from('{"hello":"world"}');

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.(address?.port);
});
