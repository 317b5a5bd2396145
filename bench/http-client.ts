// A small keep-alive client over node:http, the same for the service and for the bare server it is compared with.

import { type Agent, request } from 'node:http';

export interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export class HttpClient {
  readonly port: number;
  readonly #agent: Agent;

  constructor({ port, agent }: { port: number; agent: Agent }) {
    this.port = port;
    this.#agent = agent;
  }

  /** The body of an answer; throws when the status is not 2xx, since a quick refusal is no rate. */
  async send(path: string, sent: Sent = {}): Promise<Buffer> {
    try {
      return await this.#exchange(path, sent);
    } catch (error) {
      // The server closes an idle connection while other tasks have their turn; every request here may be repeated.
      if (error instanceof IdleConnectionClosed) return this.#exchange(path, sent);
      throw error;
    }
  }

  #exchange(path: string, { method = 'GET', headers = {}, body }: Sent): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { host: '127.0.0.1', port: this.port, agent: this.#agent, path, method };
      const outgoing = request({ ...options, headers: { ...headers, ...length } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.once('end', () => {
          const answer = Buffer.concat(chunks);
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new Error(`${path} answers ${status}: ${answer.toString().slice(0, 300)}`));
        });
      });
      outgoing.on('error', (error) => reject(outgoing.reusedSocket ? new IdleConnectionClosed(path) : error));
      outgoing.end(body);
    });
  }
}

class IdleConnectionClosed extends Error {}
