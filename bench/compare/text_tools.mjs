// grep, and zgrep on the same file compressed.
import { spawn } from 'node:child_process';

export const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function output(pipeline) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn('bash', ['-c', pipeline], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const pieces = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.once('error', reject);
    child.once('close', () => resolve(Buffer.concat(pieces).toString()));
  });
}

function toPage(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map((record) => ({ id: record.eventID, ms: Date.parse(record.eventTime) }));
}

// Of uniq -c: `  12 "name":"value"`, or `  12 2026-01-01T10`.
function toTable(text) {
  return [...text.matchAll(/^ *(\d+) (?:"[^"]*":"([^"]*)"|(\S+))$/gm)].map(([, count, value, hour]) => [
    value ?? Date.parse(`${hour}:00:00Z`),
    Number(count),
  ]);
}

export class TextTool {
  // name: 'grep' or 'zgrep'
  constructor(name, file) {
    this.name = name;
    this.path = file;
  }

  // {ms, answer}
  async ask(question, i) {
    const pipeline = question
      .text(i)
      .replace('{grep}', this.name)
      .replace('{cat}', this.name === 'zgrep' ? 'zcat' : 'cat')
      .replace('{file}', shell(this.path));
    const started = performance.now();
    const text = await output(pipeline);
    const ms = performance.now() - started;
    return { ms, answer: [question.kind === 'page' ? toPage(text) : toTable(text)] };
  }
}
