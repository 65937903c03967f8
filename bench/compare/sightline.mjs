// A store of Sightline's, asked over HTTP.
import { Server } from './server.mjs';

function toPage(value) {
  return value.events.map((event) => ({ id: event.eventID, ms: event.event_time }));
}

export class Sightline {
  name = 'Sightline';

  // Options of Server.start.
  static async open(options) {
    return new Sightline(await Server.start(options), options);
  }

  constructor(server, options) {
    this.server = server;
    this.options = options;
    this.path = options.data;
  }

  close() {
    return this.server.stop();
  }

  async reopen() {
    await this.close();
    this.server = await Server.start(this.options);
  }

  // {ms, answer}: each query is a request of its own over the same connection.
  async ask(question, i) {
    let ms = 0;
    const answer = [];
    for (const query of question.ours(i)) {
      const answered = await this.server.search(query);
      ms += answered.ms;
      answer.push(question.kind === 'page' ? toPage(answered.value) : answered.value.rows);
    }
    return { ms, answer };
  }

  cpuSeconds() {
    return this.server.cpuSeconds();
  }
}
