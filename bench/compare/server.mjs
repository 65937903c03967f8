// A sightlined of our own on loopback, and requests to it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { cpuSeconds, peakBytes, sizeOf } from './processes.mjs';

const kSettledSeconds = 3;
const kSettlingSecondsAtMost = 300;

export class Server {
  // Resolves once it answers. `rules`: a folder, or null.
  static async start({ program, data, rules, connections = 1 }) {
    const args = ['serve', '--data', data, '--listen', '127.0.0.1:0', '--log-level', 'warning'];
    if (rules !== null) args.push('--rules', rules);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const address = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`sightlined ended with ${code} before it listened`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = / listening on (http:\S+)/.exec(line);
        if (found) resolve(new URL(found[1]));
      });
    });
    return new Server(child, address, data, connections);
  }

  constructor(child, address, data, connections) {
    this.child = child;
    this.address = address;
    this.data = data;
    this.token = readFileSync(join(data, 'admin.token'), 'utf8').trim();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    this.killer = () => child.kill('SIGKILL');
    process.once('exit', this.killer);
  }

  get pid() {
    return this.child.pid;
  }

  async stop() {
    this.agent.destroy();
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    process.removeListener('exit', this.killer);
  }

  // {status, body, headers, ms}: ms until the last byte of the answer.
  request(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const sent = http.request(
        {
          agent: this.agent,
          host: this.address.hostname,
          port: this.address.port,
          method,
          path,
          headers: { Authorization: `Bearer ${this.token}`, 'Content-Length': body?.length ?? 0, ...headers },
        },
        (answer) => {
          const pieces = [];
          answer.on('data', (piece) => pieces.push(piece));
          answer.on('error', reject);
          answer.on('end', () => {
            const ms = performance.now() - started;
            resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces), ms });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async json(method, path, value) {
    const body = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
    const answer = await this.request(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return { ms: answer.ms, value: JSON.parse(answer.body) };
  }

  // One batch, again where the server asks for that. Resolves to its answer.
  async ingest(path, key, bytes) {
    for (;;) {
      const answer = await this.request('POST', path, bytes, { 'Idempotency-Key': key });
      if (answer.status === 200) return JSON.parse(answer.body);
      if (![429, 503].includes(answer.status)) throw new Error(`POST ${path}: ${answer.status} ${answer.body}`);
      await sleep(1000 * Number(answer.headers['retry-after'] ?? 1));
    }
  }

  async search(query) {
    return this.json('POST', '/v1/search', { query });
  }

  async statistics() {
    return (await this.json('GET', '/v1/statistics')).value;
  }

  cpuSeconds() {
    return cpuSeconds(this.pid);
  }

  peakBytes() {
    return peakBytes(this.pid);
  }

  bytesOnDisk() {
    return sizeOf(this.data);
  }

  // Waits until nothing is merged any more.
  async settle() {
    let parts = -1;
    let quietSeconds = 0;
    for (let second = 0; quietSeconds < kSettledSeconds && second < kSettlingSecondsAtMost; ++second) {
      const before = this.cpuSeconds();
      await sleep(1000);
      const idle = this.cpuSeconds() - before < 0.1;
      const statistics = await this.statistics();
      quietSeconds = idle && statistics.parts === parts ? quietSeconds + 1 : 0;
      parts = statistics.parts;
    }
  }
}
