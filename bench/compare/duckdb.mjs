// A DuckDB database file, asked through duckdb_worker.mjs.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { cpuSeconds, peakBytes, sizeOf } from './processes.mjs';

const kWorker = fileURLToPath(new URL('duckdb_worker.mjs', import.meta.url));

export class DuckDb {
  name = 'DuckDB';

  static async open(path, threads) {
    const database = new DuckDb(path, threads);
    await database.start();
    return database;
  }

  constructor(path, threads) {
    this.path = path;
    this.threads = threads;
  }

  async start() {
    this.worker = fork(kWorker, { serialization: 'advanced' });
    this.version = (await this.call({ op: 'open', file: this.path, threads: this.threads })).version;
  }

  async reopen() {
    await this.close();
    await this.start();
  }

  call(message) {
    return new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`DuckDB's process ended with ${code}`));
      this.worker.once('exit', ended);
      this.worker.once('message', (answer) => {
        this.worker.removeListener('exit', ended);
        if (answer.error === undefined) resolve(answer);
        else reject(new Error(`DuckDB: ${answer.error}`));
      });
      this.worker.send(message);
    });
  }

  async close() {
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    this.worker.disconnect();
    await ended;
  }

  // {ms, answer}
  ask(question, i) {
    return this.call({ op: 'ask', kind: question.kind, statements: question.sql(i) });
  }

  load(statement) {
    return this.call({ op: 'load', statement });
  }

  cpuSeconds() {
    return cpuSeconds(this.worker.pid);
  }

  peakBytes() {
    return peakBytes(this.worker.pid);
  }

  bytesOnDisk() {
    return sizeOf(this.path);
  }
}
