// What is asked, in Sightline's language, in SQL and as a pipeline of text tools. Each run asks for another value, so
// that nothing answers from a cache of results.
import { kPageSize } from './answers.mjs';
import { shell } from './text_tools.mjs';

// [column of DuckDB's table, name in Sightline]: the name is the path in the record, too.
export const kColumns = [
  ['event_id', 'eventID'],
  ['event_name', 'eventName'],
  ['event_source', 'eventSource'],
  ['region', 'awsRegion'],
  ['source_ip', 'sourceIPAddress'],
  ['user_agent', 'userAgent'],
  ['event_type', 'eventType'],
  ['category', 'eventCategory'],
  ['error_code', 'errorCode'],
  ['error_message', 'errorMessage'],
  ['account', 'recipientAccountId'],
  ['user_type', 'userIdentity.type'],
  ['user_arn', 'userIdentity.arn'],
  ['user_name', 'userIdentity.userName'],
  ['user_account', 'userIdentity.accountId'],
  ['access_key', 'userIdentity.accessKeyId'],
  ['principal', 'userIdentity.principalId'],
  ['invoked_by', 'userIdentity.invokedBy'],
  ['issuer', 'userIdentity.sessionContext.sessionIssuer.userName'],
  ['host_parameter', 'requestParameters.Host'],
  ['bucket', 'requestParameters.bucketName'],
  ['object_key', 'requestParameters.key'],
  ['instance', 'requestParameters.instanceId'],
  ['role', 'requestParameters.roleArn'],
  ['tls_version', 'tlsDetails.tlsVersion'],
  ['cipher', 'tlsDetails.cipherSuite'],
  ['tls_host', 'tlsDetails.clientProvidedHostHeader'],
];

// DuckDB's table: the fields that are asked for as columns, and the record.
export function loadStatement(file) {
  const paths = ['eventTime', 'readOnly', ...kColumns.map(([, path]) => path)].map((path) => `'$.${path}'`);
  const columns = kColumns.map(([column], i) => `x[${i + 3}] AS ${column}`);
  return `CREATE TABLE events AS
    SELECT x[1]::TIMESTAMP AS event_time, x[2]::BOOLEAN AS read_only, ${columns.join(', ')},
    CASE WHEN contains(user_arn, ':assumed-role/') THEN split_part(user_arn, '/', 3) END AS session, raw
    FROM (SELECT json_extract_string(json, [${paths.join(', ')}]) AS x, json::VARCHAR AS raw
          FROM read_ndjson_objects(${sql(file)}))`;
}

const ours = (text) => JSON.stringify(text);
const sql = (text) => `'${text.replaceAll("'", "''")}'`;
const expression = (text) => text.replace(/[.[\]*^$\\+?(){}|]/g, '\\$&');
const page = (where) => [`SELECT * FROM events ${where} ORDER BY event_time DESC LIMIT ${kPageSize}`];
const newest = (pipeline) => `${pipeline} | tail -n ${kPageSize}`;
// {grep}, {cat}: grep and cat, or zgrep and zcat. The file is in the order of time.
const fixed = (text) => newest(`{grep} -F -- ${shell(text)} {file}`);
const member = (name, part) => newest(`{grep} -E -- ${shell(`"${name}":"[^"]*${expression(part)}`)} {file}`);
const counted = (name) => `{grep} -o -- '"${name}":"[^"]*"' {file} | sort | uniq -c`;

const kFrequent = ['GetObject', 'AssumeRole', 'DescribeInstances', 'PutObject', 'Decrypt'];
const kRare = ['RunInstances', 'TerminateInstances', 'AuthorizeSecurityGroupIngress', 'LookupEvents'];
const kPartsOfAgents = ['gent/3.1.17', 'rraform/1.5', 'ari/537.3', 'o3/1.2'];
const kWindowMs = 45_000;

// Values of the records to ask for; `pick(list, i)` is another one for each i.
function valuesOf(records) {
  const ofInstances = records
    .map((record) => ({ record, session: record.userIdentity.arn?.split('/')[2] }))
    .filter(({ session }) => session?.startsWith('i-'));
  return { ids: records.map((record) => record.eventID), ofInstances };
}
const pick = (list, i) => list[(i * 37 + 11) % list.length];
const iso = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function pages(values) {
  const partOf = (i) => pick(values.ofInstances, i).session.slice(4, 13);
  const absentId = (i) => `${(i * 7919 + 1).toString(16).padStart(8, '0')}-d66f-463c-acce-52b18445fe52`;
  const byText = (name, path, column, part) => ({
    name,
    kind: 'page',
    ours: (i) => [`${path} contains ${ours(part(i))}`],
    sql: (i) => page(`WHERE contains(${column}, ${sql(part(i))})`),
    text: (i) => member(path.split('.').at(-1), part(i)),
  });
  const byValue = (name, path, column, value) => ({
    name,
    kind: 'page',
    ours: (i) => [`${path} = ${ours(value(i))}`],
    sql: (i) => page(`WHERE ${column} = ${sql(value(i))}`),
    text: (i) => fixed(`"${path}":"${value(i)}"`),
  });
  const anywhere = (name, part) => ({
    name,
    kind: 'page',
    ours: (i) => [ours(part(i))],
    // Half as long as ILIKE takes.
    sql: (i) => page(`WHERE contains(lower(raw), ${sql(part(i))})`),
    text: (i) => newest(`{grep} -i -F -- ${shell(part(i))} {file}`),
  });
  return [
    byValue('unique id', 'eventID', 'event_id', (i) => pick(values.ids, i)),
    byValue('absent id', 'eventID', 'event_id', absentId),
    byText('substring in userAgent, no word', 'userAgent', 'user_agent', (i) => pick(kPartsOfAgents, i)),
    byText('rare substring in an object key', 'requestParameters.key', 'object_key', (i) =>
      `${((i * 11) % 256).toString(16).padStart(2, '0')}e${(i % 16).toString(16)}`),
    byText('absent substring in an ARN', 'userIdentity.arn', 'user_arn', (i) => `zq${i}xw`),
    anywhere('substring anywhere', partOf),
    anywhere('absent substring anywhere', (i) => `zq${i}xwvy`),
    byValue('frequent field = newest 100', 'eventName', 'event_name', (i) => pick(kFrequent, i)),
    byValue('rare field = newest 100', 'eventName', 'event_name', (i) => pick(kRare, i)),
    { name: 'one session within 90 s', kind: 'page', ...withinWindow(values) },
    {
      name: 'newest 100 of all',
      kind: 'page',
      ours: () => [''],
      sql: () => page(''),
      text: () => newest('{cat} {file}'),
    },
  ];
}

function withinWindow(values) {
  const at = (i) => {
    const { record, session } = pick(values.ofInstances, i);
    const ms = Date.parse(record.eventTime);
    return { session, from: ms - kWindowMs, to: ms + kWindowMs };
  };
  return {
    ours: (i) => {
      const { session, from, to } = at(i);
      return [`roleSessionName = ${ours(session)} AND event_time >= ${from} AND event_time <= ${to}`];
    },
    sql: (i) => {
      const { session, from, to } = at(i);
      return page(`WHERE session = ${sql(session)}
        AND event_time BETWEEN make_timestamp_ms(${from}) AND make_timestamp_ms(${to})`);
    },
    text: (i) => {
      const { session, from, to } = at(i);
      const who = `"userIdentity":\\{[^{}]*"arn":"[^"]*:assumed-role/[^/"]*/${expression(session)}"`;
      const when = `match($0, /"eventTime":"[^"]*/) { t = substr($0, RSTART + 13, 20) }
        t >= "${iso(from)}" && t <= "${iso(to)}"`;
      return newest(`{grep} -E -- ${shell(who)} {file} | awk ${shell(when)}`);
    },
  };
}

function tables() {
  const hour = "epoch_ms(date_trunc('hour', event_time))::BIGINT";
  return [
    {
      name: 'count by eventName',
      kind: 'table',
      ours: () => ['| count by eventName'],
      sql: () => ['SELECT event_name, count(*) AS n FROM events GROUP BY 1 ORDER BY n DESC, 1'],
      text: () => counted('eventName'),
    },
    {
      name: 'count by two fields, filtered',
      kind: 'table',
      ours: () => ['readOnly = false | count by eventSource, userIdentity.type'],
      sql: () => [
        `SELECT event_source, user_type, count(*) AS n FROM events WHERE NOT read_only
         GROUP BY 1, 2 ORDER BY n DESC, 1, 2`,
      ],
    },
    {
      name: 'top 10 of sourceIPAddress',
      kind: 'table',
      ours: () => ['| top 10 sourceIPAddress'],
      sql: () => [top('source_ip')],
      text: () => `${counted('sourceIPAddress')} | sort -k1,1nr -k2,2 | head -n 10`,
    },
    {
      name: 'histogram by the hour',
      kind: 'table',
      ours: () => ['| histogram 1h'],
      sql: () => [`SELECT ${hour}, count(*) FROM events GROUP BY 1 ORDER BY 1`],
      text: () => '{grep} -o -- \'"eventTime":"[^"]*"\' {file} | cut -c 14-26 | sort | uniq -c',
    },
    {
      name: 'histogram by the hour and source',
      kind: 'table',
      ours: () => ['| histogram 1h by eventSource'],
      sql: () => [`SELECT ${hour}, event_source, count(*) FROM events GROUP BY 1, 2 ORDER BY 1, 2`],
    },
    {
      name: `facets: top 10 of ${kColumns.length} fields, one after the other`,
      kind: 'table',
      ours: () => kColumns.map(([, path]) => `| top 10 ${path}`),
      sql: () => kColumns.map(([column]) => top(column)),
    },
  ];
}

function top(column) {
  return `SELECT ${column}, count(*) AS n FROM events WHERE ${column} IS NOT NULL
    GROUP BY 1 ORDER BY n DESC, 1 LIMIT 10`;
}

// [{name, kind, ours(i), sql(i), text(i)}]: run number → queries, statements, pipeline. Without `text`, text tools
// cannot be asked.
export function questions(records) {
  return [...pages(valuesOf(records)), ...tables()];
}
