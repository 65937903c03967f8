// Asking: every question of every engine, in turn, and the answers compared.
import { difference } from './answers.mjs';
import { summary } from './figures.mjs';

// A tool that is slow is asked less often.
const kSecondsForTextTools = 10;

export class WrongAnswer extends Error {
  name = 'WrongAnswer';
}

function mustAgree(question, i, first, second) {
  const found = difference(question.kind, first.answer, second.answer);
  if (found === null) return;
  const asked = JSON.stringify(question.ours(i));
  throw new WrongAnswer(`${question.name}: ${first.engine} and ${second.engine} differ about ${asked}: ${found}`);
}

async function ask(engine, question, i) {
  return { engine: engine.name, ...(await engine.ask(question, i)) };
}

// {engine: {median, min, p95, runs, cpuMs}}. The engines take turns, so that what else runs on the machine meets all.
async function measureHot(engines, question, runs) {
  const times = new Map(engines.map((engine) => [engine, { ms: [], cpuSeconds: 0 }]));
  for (const engine of engines) await engine.ask(question, runs); // warms up with another value
  for (let i = 0; i < runs; ++i) {
    const answers = [];
    for (const engine of engines) {
      const before = engine.cpuSeconds();
      answers.push(await ask(engine, question, i));
      const measured = times.get(engine);
      measured.cpuSeconds += engine.cpuSeconds() - before;
      measured.ms.push(answers.at(-1).ms);
    }
    for (const other of answers.slice(1)) mustAgree(question, i, answers[0], other);
  }
  return Object.fromEntries(
    [...times].map(([engine, { ms, cpuSeconds }]) => [
      engine.name,
      { ...summary(ms), cpuMs: (cpuSeconds * 1000) / runs },
    ]),
  );
}

async function measureText(tool, ours, question, runs) {
  const times = [];
  let spentMs = 0;
  for (let i = 0; i < runs && (i === 0 || spentMs < kSecondsForTextTools * 1000); ++i) {
    const answered = await ask(tool, question, i);
    times.push(answered.ms);
    spentMs += answered.ms;
    if (i === 0) mustAgree(question, i, await ask(ours, question, i), answered);
  }
  return summary(times);
}

// Each run: restart, files out of the page cache, one question.
async function measureCold(engines, question, { runs, coldRuns, dropFromCache }) {
  const times = Object.fromEntries(engines.map((engine) => [engine.name, []]));
  for (let i = runs + 1; i <= runs + coldRuns; ++i) {
    const answers = [];
    for (const engine of engines) {
      await engine.reopen?.();
      dropFromCache(engine.path);
      answers.push(await ask(engine, question, i));
      times[engine.name].push(answers.at(-1).ms);
    }
    for (const other of answers.slice(1)) mustAgree(question, i, answers[0], other);
  }
  return Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, summary(ms)]));
}

// [{name, hot, cold}]. engines[0] is Sightline; textTools are asked what they can be asked. Throws WrongAnswer.
// `dropFromCache` takes the path of an engine's files.
export async function measureSearches(options) {
  const { engines, textTools, questions, runs, coldRuns, progress } = options;
  const results = [];
  for (const question of questions) {
    progress(`${question.name}, hot`);
    const hot = await measureHot(engines, question, runs);
    for (const tool of question.text === undefined ? [] : textTools) {
      progress(`${question.name}, ${tool.name}`);
      hot[tool.name] = await measureText(tool, engines[0], question, runs);
    }
    results.push({ name: question.name, hot });
  }
  for (const [i, question] of questions.entries()) {
    if (coldRuns === 0) break;
    progress(`${question.name}, cold`);
    const alsoText = question.text === undefined ? [] : textTools.filter((tool) => tool.name === 'grep');
    results[i].cold = await measureCold([...engines, ...alsoText], question, options);
  }
  return results;
}
