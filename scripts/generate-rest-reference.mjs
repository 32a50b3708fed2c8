// Writes docs/rest.md from the OpenAPI document that the built server answers with.
//   node scripts/generate-rest-reference.mjs            writes the file
//   node scripts/generate-rest-reference.mjs --check    fails when it is not what would be written
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The document of a server that runs only for this question. */
async function openApi() {
  const words = ['--log-level', 'error', 'serve', '--db', 'sqlite:///:memory:', '--listen', '127.0.0.1:0'];
  const server = spawn(path('build/native-release/bin/twinstore'), words, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const [, url] = line.match(/^listening on (http\S+)/) ?? [];
      if (url) return await (await fetch(`${url}/openapi.json`)).json();
    }
    throw new Error('the server ended before it answered');
  } finally {
    server.kill();
  }
}

const anchor = (name) => `[${name}](#${name.toLowerCase()})`;
const cell = (text) => text.replaceAll('|', '\\|');

/** A type in few words: what it is, and its bounds. */
function typeWords(schema) {
  if (schema.$ref !== undefined) return anchor(schema.$ref.split('/').at(-1));
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const types = [schema.type ?? 'any JSON'].flat();
  const [type] = types;
  const words = [type === 'array' && schema.items !== undefined ? `array of ${typeWords(schema.items)}` : type];
  if (type === 'object' && schema.properties !== undefined) {
    words[0] = `object: ${Object.entries(schema.properties).map(([name, of]) => `\`${name}\` ${typeWords(of)}`).join('; ')}`;
  }
  if (schema.format === 'date-time') words.push('RFC 3339');
  if (isBounded(schema.minimum) || isBounded(schema.maximum)) words.push(rangeWords(schema));
  if (schema.maxLength !== undefined) words.push(`at most ${schema.maxLength.toLocaleString('en')} bytes`);
  if (schema.default !== undefined) words.push(`\`${schema.default}\` unless named`);
  if (types.includes('null')) words.push('or null');
  return words.join(', ');
}

/** Every number of JSON is within these; they say nothing. */
const isBounded = (bound) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

function rangeWords({ minimum, maximum }) {
  if (!isBounded(maximum)) return `from ${minimum}`;
  return `${isBounded(minimum) ? `${minimum} ` : ''}to ${maximum.toLocaleString('en')}`;
}

function parameterRows(parameters) {
  if (parameters.length === 0) return [];
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      `| \`${name}\` | ${place}${required ? '' : ', optional'} | ${cell(typeWords(schema))} | ${cell(description ?? '')} |`,
  );
  return ['| parameter | in | type | |', '|---|---|---|---|', ...rows, ''];
}

const contentOf = (content) => Object.values(content ?? {}).map(({ schema }) => typeWords(schema))[0];

/** What a request can be answered with: first what it is for, then the refusals by number alone. */
function responseLines(responses) {
  const lines = [];
  const refusals = [];
  for (const [status, { description, content }] of Object.entries(responses)) {
    if (Number(status) >= 400) refusals.push(status);
    else lines.push(`- **${status}** ${description}${content ? `: ${contentOf(content)}` : ''}`);
  }
  if (refusals.length > 0) lines.push(`- ${refusals.join(', ')}: [Problem](#problem)`);
  return [...lines, ''];
}

function operationLines(method, route, operation) {
  const { summary, parameters = [], requestBody, responses } = operation;
  const role = operation['x-role'];
  const body = requestBody
    ? [`Body${requestBody.required ? '' : ', optional'}: ${requestBody.description}: ${contentOf(requestBody.content)}`, '']
    : [];
  return [
    `### ${method.toUpperCase()} ${route}`,
    '',
    `${summary}.${role === undefined || role === 'anyone' ? '' : ` For a ${role}.`}`,
    '',
    ...parameterRows(parameters),
    ...body,
    ...responseLines(responses),
  ];
}

function schemaLines(name, schema) {
  const head = [`### ${name}`, ''];
  if (schema.properties === undefined) return [...head, `${typeWords(schema)}.`, ''];
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(
    ([member, of]) =>
      `| \`${member}\`${required.has(member) ? '' : ', optional'} | ${cell(typeWords(of))} | ${cell(of.description ?? '')} |`,
  );
  return [...head, '| member | type | |', '|---|---|---|', ...rows, ''];
}

/** Each status and what it means, once: the routes share their refusals. */
function refusalLines(operations) {
  const meanings = new Map();
  for (const { responses } of operations) {
    for (const [status, { description }] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      meanings.set(status, (meanings.get(status) ?? new Set()).add(description));
    }
  }
  const rows = [...meanings].sort().map(([status, texts]) => `| ${status} | ${cell([...texts].join('; or: '))} |`);
  return ['## Refusals', '', 'A refusal is a [Problem](#problem) (RFC 9457).', '', '| status | |', '|---|---|', ...rows, ''];
}

function reference({ info, paths, components }) {
  const operations = Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route, method, ...operation })),
  );
  const tags = [...new Set(operations.flatMap((operation) => operation.tags ?? ['server']))];
  const sections = tags.flatMap((tag) => [
    `## ${tag}`,
    '',
    ...operations
      .filter((operation) => (operation.tags ?? ['server']).includes(tag))
      .flatMap(({ route, method, ...operation }) => operationLines(method, route, operation)),
  ]);
  return `${[
    '# REST reference',
    '',
    `Of version ${info.version}, written by \`scripts/generate-rest-reference.mjs\` from \`/openapi.json\`, the server's table of routes. What it all means stands in [services.md](services.md).`,
    '',
    ...sections,
    ...refusalLines(operations),
    '## Schemas',
    '',
    ...Object.entries(components.schemas).flatMap(([name, schema]) => schemaLines(name, schema)),
  ].join('\n').trimEnd()}\n`;
}

const text = reference(await openApi());
const file = path('docs/rest.md');
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/rest.md is not what the routes are; run node scripts/generate-rest-reference.mjs');
  process.exit(1);
}
