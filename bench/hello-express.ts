// The least that Express does with a form: what signing on is compared with.

import express from 'express';

const app = express();
app.post('/', express.urlencoded({ extended: false }), (_request, response) => {
  response.json({ hello: 'world' });
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.(address?.port);
});
