// The figures as Markdown whose columns also line up as plain text.
import { ratio, short, spread } from './figures.mjs';

function table(header, rows) {
  const widths = header.map((title, i) => Math.max(title.length, 3, ...rows.map((row) => row[i].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

const mib = (bytes) => short(bytes / 2 ** 20);
const perSecond = (run) => run.events / run.wallSeconds;
// What happens in the background after the last acknowledgement counts too.
const perCpuSecond = (run) => run.events / (run.settledCpuSeconds ?? run.cpuSeconds);

function ingestTable(ingests) {
  const sizes = ['bytes/event sent', 'stored', 'directory'];
  const header = ['taken in', 'events', 'events/s', 'events/CPU-s', 'peak MiB', ...sizes];
  const rows = Object.entries(ingests).map(([name, run]) => [
    name,
    short(run.events),
    short(perSecond(run)),
    short(perCpuSecond(run)),
    mib(run.peakBytes),
    short(run.bytes / run.events),
    short(run.storeBytes / run.events),
    short((run.directoryBytes ?? run.storeBytes) / run.events),
  ]);
  return table(header, rows);
}

// A row a question: Sightline's time, then each other's time and how many times Sightline's that is.
function searchTable(searches, temperature) {
  const others = [...new Set(searches.flatMap((search) => Object.keys(search[temperature])))].slice(1);
  const header = ['ms: median (least–95th percentile)', 'Sightline', ...others.flatMap((name) => [name, '×'])];
  const rows = searches.map(({ name, [temperature]: measured }) => {
    const ours = measured.Sightline;
    const cells = others.flatMap((other) => {
      const theirs = measured[other];
      return theirs === undefined ? ['', ''] : [spread(theirs), short(ratio(theirs.median, ours.median))];
    });
    return [name, spread(ours), ...cells];
  });
  return table(header, rows);
}

function cpuTable(searches) {
  const rows = searches.map(({ name, hot }) => [
    name,
    short(hot.Sightline.cpuMs),
    short(hot.DuckDB.cpuMs),
    short(ratio(hot.DuckDB.cpuMs, hot.Sightline.cpuMs)),
  ]);
  return table(['CPU ms of a search', 'Sightline', 'DuckDB', '×'], rows);
}

function slowerSearches(searches, temperature) {
  const lines = [];
  for (const { name, [temperature]: measured } of searches) {
    const ours = measured.Sightline.median;
    const faster = Object.entries(measured).filter(([, other]) => other.median < ours);
    const said = faster.map(([other, { median }]) => `${other} is ${short(ours / median)} times as fast`);
    if (said.length > 0) lines.push(`- ${name}, ${temperature}: ${said.join('; ')}`);
  }
  return lines;
}

function worseIngest({ ingests, compressedBytesAnEvent }) {
  const ours = ingests['CloudTrail, with rules'];
  const theirs = ingests['CloudTrail, DuckDB'];
  const lines = [];
  const compare = (name, figure) => {
    if (theirs === undefined || figure(theirs) <= figure(ours)) return;
    lines.push(`- taking in: DuckDB ${short(figure(theirs) / figure(ours))} times as many ${name}`);
  };
  compare('events a second', perSecond);
  compare('events a CPU-second', perCpuSecond);
  const size = ours.storeBytes / ours.events;
  if (theirs !== undefined && theirs.storeBytes / theirs.events < size) lines.push('- disk: DuckDB takes fewer bytes');
  if (compressedBytesAnEvent < size) lines.push('- disk: gzip takes fewer bytes');
  return lines;
}

function behind(figures) {
  const searches = figures.searches ?? [];
  const cold = searches.filter((search) => search.cold !== undefined);
  const lines = [...worseIngest(figures), ...slowerSearches(searches, 'hot'), ...slowerSearches(cold, 'cold')];
  return lines.length === 0 ? '- nowhere in this run' : lines.join('\n');
}

function searchParts({ searches, options }) {
  const parts = ['## Searching, hot', searchTable(searches, 'hot')];
  parts.push('× is how many times as long as Sightline the other takes: above 1, Sightline is ahead.');
  if (searches[0].hot.DuckDB !== undefined) parts.push(cpuTable(searches));
  if (searches[0].cold !== undefined) {
    parts.push(`## Searching, cold: restarted, files out of the page cache, ${options.coldRuns} runs`);
    parts.push(searchTable(searches, 'cold'));
  }
  return parts;
}

// figures: {options, machine: lines, load: [before, after], ingests, searches?, compressedBytesAnEvent?}
export function report(figures) {
  const [before, after] = figures.load;
  const about = [...figures.machine, `load of the machine (1, 5, 15 minutes) before ${before}, after ${after}`];
  const parts = [
    `# Sightline beside DuckDB and grep, ${short(figures.options.events)} events`,
    about.map((line) => `- ${line}`).join('\n'),
    '## Taking in',
    ingestTable(figures.ingests),
  ];
  if (figures.compressedBytesAnEvent !== undefined) {
    parts.push(`gzip -6 makes ${short(figures.compressedBytesAnEvent)} bytes of a CloudTrail event.`);
  }
  if (figures.searches !== undefined) parts.push(...searchParts(figures));
  parts.push('## Where Sightline is behind', behind(figures));
  return `${parts.join('\n\n')}\n`;
}
